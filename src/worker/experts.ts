import { adapterConfig } from '../engine/adapters/adapter';
import type { openExpertInspector } from '../engine/analysis/features/inspect';
import { expertFeatures, type openFeatureReader } from '../engine/analysis/features/reader';
import { chooseRows, usualChoice } from '../engine/analysis/features/rows';
import { readDataset } from '../engine/data/dataset';
import { tokenizeRecords, type TokenExample } from '../engine/data/examples';
import type { EvalOptions } from '../engine/eval/scorer';
import { memorySource } from '../engine/formats/byteSource';
import { testItems, testRecords } from '../scenarios/records';
import type { Subject } from './evaluation';
import { nothingTrained } from './faults';
import type { Command, ExpertLook, ExpertPoints, LookedAt } from './protocol';
import type { RunMaterials } from './runParts';

/** The parts of the engine that look inside experts. */
export interface InspectingEngine {
  readonly openExpertInspector: typeof openExpertInspector;
  readonly openFeatureReader: typeof openFeatureReader;
}

/** What is looked at: what a run has trained so far, and what the run is made of. */
export interface Inspected {
  readonly subject: Subject;
  readonly materials: Pick<RunMaterials, 'run' | 'scenario' | 'data'>;
}

/** Longest question that is looked at, where the model knows so many positions. */
const MOST_TOKENS = 512;

/** Measures the experts of all layers and modules; the adapter is only read. */
export async function inspectExperts(
  engine: InspectingEngine,
  inspected: Inspected,
  { rows, choice, seed }: Extract<Command, { type: 'inspectExperts' }>,
  options: EvalOptions,
): Promise<ExpertLook> {
  const { base, adapter, step } = adaptedOf(inspected);
  const { run } = inspected.materials;
  const { of, examples } = await lookedAt(inspected);
  const inspector = await engine.openExpertInspector(
    base,
    { settings: adapterConfig(run), inference: adapter, seed: run.seed },
    { examples, rows, choice, seed, maps: true },
  );
  try {
    return { of, report: (await inspector.inspect(step, options)).report };
  } finally {
    inspector.destroy();
  }
}

/** What one module of one layer makes of many tokens, to be drawn; the adapter is only read. */
export async function expertPoints(
  engine: InspectingEngine,
  inspected: Inspected,
  { layer, module, rows: most, choice: wanted, seed }: Extract<Command, { type: 'expertPoints' }>,
  options: EvalOptions,
): Promise<ExpertPoints> {
  const { base, adapter, step } = adaptedOf(inspected);
  const settings = adapterConfig(inspected.materials.run);
  const { of, examples } = await lookedAt(inspected);
  const choice = wanted ?? usualChoice(examples);
  const rows = chooseRows(examples, { choice, most, seed });
  const request = { examples, rows, layers: [layer], modules: [module], increments: false };
  const reader = await engine.openFeatureReader(base, settings, adapter, request);
  try {
    const features = await reader.read(options);
    const [found] = features.modules;
    if (found === undefined) throw new Error(`${module} of layer ${layer} was not read`);
    // One A before several B's: what tells its experts apart is how the router weighs it for each.
    const all = features.downs === 1 ? found.mix : found.experts;
    const tasks = rows.map(({ task }) => task);
    const experts = all.cols / features.r;
    return {
      layer,
      module,
      step,
      of,
      choice,
      tasks,
      experts,
      single: expertFeatures(features, found, 0),
      all,
    };
  } finally {
    reader.destroy();
  }
}

/** The held-out questions of the run's scenario; where its data is a file, what is held out of it, or all of it. */
async function lookedAt({ subject, materials }: Inspected): Promise<{
  readonly of: LookedAt;
  readonly examples: readonly TokenExample[];
}> {
  const { scenario, data } = materials;
  if (scenario === undefined) {
    return data.validation.length > 0
      ? { of: 'validation', examples: data.validation.flat() }
      : { of: 'training', examples: data.train.flat() };
  }
  const text = new TextEncoder().encode(testRecords(testItems(scenario)));
  const { records } = await readDataset(memorySource(scenario.id, text));
  const most = Math.min(MOST_TOKENS, subject.base.config.maxPositions);
  return { of: 'questions', examples: tokenizeRecords(records, subject.tokenizer, most).examples };
}

function adaptedOf({ subject: { base, adapted } }: Inspected) {
  if (adapted === undefined) throw nothingTrained();
  return { base, ...adapted };
}
