import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dawn } from '../../cli/gpu';
import { defaultRunConfig } from '../../config/defaults';
import {
  createGenerator,
  createTrainer,
  loadBaseModel,
  openChoiceScorer,
  openDevice,
  openExactMatcher,
} from '../../engine';
import { openExpertInspector } from '../../engine/analysis/features/inspect';
import { openFeatureReader } from '../../engine/analysis/features/reader';
import { findScenario } from '../../scenarios/table';
import { chooseKernels } from '../../worker/kernels';
import type { BlockNorms, Command, FileSource, Results, RunEvent } from '../../worker/protocol';
import { Session } from '../../worker/session';
import { bundledFiles } from './bundledFiles';
import { distil } from './distil';

/**
 * `npm run record [scenario]`: trains a scenario with the settings that the page opens with, through the page's own
 * worker session on Dawn, and writes what it answered and said as the recording that browsers without WebGPU show.
 * Where scenario, defaults or checkpoint change, a test asks for a new one. Takes some minutes on a processor.
 */
const RUN_ID = 1;
/** Steps between two looks at the norms of the blocks. */
const LOOK_EVERY = 4;
/** Slow enough to be watched. */
const STEPS_PER_SECOND = 10;

const [, , id = 'clerk'] = process.argv;
const scenario = findScenario(id);
if (scenario === undefined) throw new Error(`there is no scenario ${id}`);

const norms: BlockNorms[] = [];
const events: RunEvent[] = [];
const looks: Promise<unknown>[] = [];
let settle: (failure: string | undefined) => void = () => undefined;
const over = new Promise<void>((resolve, reject) => {
  settle = (failure) => {
    if (failure === undefined) resolve();
    else reject(new Error(failure));
  };
});
const engine = {
  ...{ openDevice, loadBaseModel, createTrainer, createGenerator, chooseKernels },
  ...{ openChoiceScorer, openExactMatcher, openFeatureReader, openExpertInspector },
};
const session = new Session(engine, await dawn(), (event) => {
  events.push(event);
  if (event.type === 'step' && event.point.step % LOOK_EVERY === 0) {
    looks.push(call({ type: 'blockNorms', runId: RUN_ID }).then((look) => norms.push(look)));
    console.error(`step ${event.point.step}, loss ${event.point.loss.toFixed(4)}`);
  }
  if (event.type === 'failed') settle(event.message);
  if (event.type === 'done') settle(undefined);
});

const device = await call({ type: 'openDevice' });
const model = await call({ type: 'loadModel', source: await bundledFiles(scenario.model) });
const source: FileSource = { kind: 'scenario', id, name: id };
const { prompt } = await call({ type: 'loadData', source });
const { model: base, data } = await call({ type: 'materials' });
const run = { ...defaultRunConfig(model.config.layers, device.fallback), ...scenario.settings };
const { largest } = await call({ type: 'plan', run });
await call({ type: 'train', runId: RUN_ID, run, prompt });
await over;
await Promise.all(looks);
console.error('asking all held-out questions');
const evaluation = await call({ type: 'evaluate', runId: RUN_ID, source });
if (evaluation === undefined) throw new Error('the questions were not asked to their end');

const recording = distil({
  ...{ date: new Date().toISOString().slice(0, 10), scenario: id, stepsPerSecond: STEPS_PER_SECOND },
  ...{ device, maxBufferSize: largest.limit },
  model: { name: base.name, fingerprint: base.fingerprint },
  ...{ data, run, prompt, evaluation, events, norms },
});
const path = join('src', 'replay', 'recordings', `${id}.json`);
await writeFile(path, `${JSON.stringify(recording)}\n`);
console.error(`wrote ${path}`);
process.exit(); // Dawn would keep it alive

async function call<C extends Command>(command: C): Promise<Results[C['type']]> {
  return (await session.handle(command)) as Results[C['type']];
}
