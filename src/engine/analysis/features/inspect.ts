import type { ModuleName } from '../../../config/modules';
import { UserError } from '../../../config/errors';
import type { Adapter, AdapterConfig } from '../../adapters/adapter';
import { attachAdapter } from '../../adapters/attach';
import { expertCase } from '../../adapters/expertCase';
import { initialValues } from '../../adapters/initialise';
import { adapterLayout } from '../../adapters/layout';
import { ADAPTER } from '../../adapters/lowRankLayout';
import { microBatch, type MicroBatch } from '../../data/batch';
import { rowsOf, type TokenExample } from '../../data/examples';
import { permutation } from '../../data/shuffle';
import type { EvalOptions } from '../../eval/scorer';
import { readFloats } from '../../gpu/readback';
import type { BaseModel } from '../../model/baseModel';
import type { InferenceAdapter } from '../../model/decoder';
import { adapterGradient } from './gradients';
import { openFeatureReader, type ExpertFeatures } from './reader';
import type { ExpertReport } from './report';
import { chooseRows, usualChoice, type FeatureRow, type RowChoice } from './rows';
import { compareStacks, sharesGradient } from './stacks';
import { compareLayers, describeModules } from './summarise';

/** What is looked at, and how closely. */
export interface InspectionRequest {
  readonly examples: readonly TokenExample[];
  /** Tokens to look at, at most. */
  readonly rows: number;
  /** Which tokens; see usualChoice for what stands where it is left out. */
  readonly choice?: RowChoice | undefined;
  /** Of the choice. */
  readonly seed: number;
  /** All layers unless given. */
  readonly layers?: readonly number[] | undefined;
  /** All adapted modules unless given. */
  readonly modules?: readonly ModuleName[] | undefined;
  /** CKA of each layer with each, too. */
  readonly maps: boolean;
  /** Whether the features have increments too, which the report does without. */
  readonly increments?: boolean;
}

/** An adapter on the GPU, and what is known about it. */
export interface InspectedAdapter {
  readonly settings: AdapterConfig;
  /** Of a finished adapter (attachAdapter) or of a run (Trainer.inference), which is only read. */
  readonly inference: InferenceAdapter;
  /** Seed of its initial values; undefined where it is not known. */
  readonly seed: number | undefined;
}

export interface Inspection {
  readonly report: ExpertReport;
  /** What the report was computed from. */
  readonly features: ExpertFeatures;
}

/** Looks at the same tokens as often as wanted, with the adapter's values as they are at the time. */
export interface ExpertInspector {
  /** @param step optimiser steps done; null where that is not known */
  inspect(step: number | null, options?: EvalOptions): Promise<Inspection>;
  destroy(): void;
}

/** Rows of the batch whose gradients are compared, where the model has positions for them. */
const GRADIENT_ROWS = 512;

/**
 * Chooses the tokens and prepares the GPU for them.
 *
 * @throws UserError when there is nothing to look at, or it does not fit in memory (see openFeatureReader)
 */
export async function openExpertInspector(
  base: BaseModel,
  adapter: InspectedAdapter,
  request: InspectionRequest,
): Promise<ExpertInspector> {
  const { config, gpu } = base;
  const { settings, inference } = adapter;
  const { examples, layers, modules, seed, choice = usualChoice(examples) } = request;
  const layout = adapterLayout(settings, config);
  const rows = chooseRows(examples, { choice, most: request.rows, seed });
  if (rows.length === 0) throw new UserError('rows', 'there is no token to look at', 'give more examples');
  const initial = adapter.seed === undefined ? undefined : initialValues(layout, adapter.seed);
  const isMeasured = (layout.block.downs > 1 || layout.block.ups > 1) && !sharesGradient(layout, settings);
  const batch = isMeasured ? gradientBatch(examples, rows, seed, config.maxPositions) : undefined;
  const reader = await openFeatureReader(base, settings, inference, {
    ...{ examples, rows, layers, modules },
    increments: request.increments ?? false,
  });
  return {
    async inspect(step, options) {
      const features = await reader.read(options);
      options?.signal?.throwIfAborted();
      const masks = { seed: adapter.seed ?? seed, step: step ?? 0 };
      const gradient = batch && (await adapterGradient(base, settings, inference, batch, masks));
      const buffer = inference.buffer(ADAPTER.values.buffer);
      if (buffer === undefined) throw new Error('the adapter is not on the GPU');
      const values = await readFloats(gpu.device, buffer);
      const report: ExpertReport = {
        settings,
        case: expertCase(settings),
        step,
        rows: { count: rows.length, choice, seed, tasks: countTasks(rows) },
        layers: [...new Set(features.modules.map(({ layer }) => layer))],
        modules: describeModules(features),
        stacks: compareStacks(layout, features.modules, config.layers, { values, initial, gradient }),
        similarity: compareLayers(features, layout, values, request.maps),
      };
      return { report, features };
    },
    destroy: () => {
      reader.destroy();
    },
  };
}

/** Looks at a finished adapter once; see openExpertInspector. */
export async function inspectExperts(
  base: BaseModel,
  adapter: Adapter,
  request: InspectionRequest,
  options?: EvalOptions,
): Promise<Inspection> {
  const { config: settings, values, metadata } = adapter;
  const inference = await attachAdapter(base.gpu, base.config, settings, values);
  try {
    const inspected = { settings, inference, seed: numberIn(metadata, 'seed') };
    const inspector = await openExpertInspector(base, inspected, request);
    try {
      return await inspector.inspect(numberIn(metadata, 'steps') ?? null, options);
    } finally {
      inspector.destroy();
    }
  } finally {
    inference.destroy();
  }
}

/** As many of the examples that are looked at, drawn by the seed, as one batch holds. */
function gradientBatch(
  examples: readonly TokenExample[],
  rows: readonly FeatureRow[],
  seed: number,
  maxPositions: number,
): MicroBatch {
  const samples = [...new Set(rows.map(({ sample }) => sample))];
  const line: TokenExample[] = [];
  let size = 0;
  for (const index of permutation(samples.length, seed, 'experts')) {
    const example = examples[samples[index] ?? 0];
    if (example === undefined || size + rowsOf(example) > Math.min(GRADIENT_ROWS, maxPositions)) continue;
    line.push(example);
    size += rowsOf(example);
  }
  if (line.length === 0) {
    const problem = `each has more tokens than the ${Math.min(GRADIENT_ROWS, maxPositions)} of a batch`;
    throw new UserError('examples', problem, 'shorten them');
  }
  return microBatch([line], 1, size);
}

function countTasks(rows: readonly FeatureRow[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { task } of rows) if (task !== null) counts.set(task, (counts.get(task) ?? 0) + 1);
  return Object.fromEntries(counts);
}

function numberIn(metadata: Adapter['metadata'], key: string): number | undefined {
  const value = Number(metadata[key]);
  return Number.isInteger(value) ? value : undefined;
}
