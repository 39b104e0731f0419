/**
 * The measuring process, started by bench.mjs, which hears the result as a message.
 *
 *     measure.js compare WORKLOAD ROUNDS    all engines and the yardstick, interleaved
 *     measure.js cold ENGINE                the first step of W2 in this fresh process
 */
import { ENGINES, loadEngine, type EngineModule, type EngineName, type Step } from './engine';
import { commonAdapter, openEnvironment } from './environment';
import { llamaFirstLoss, stackLoss } from './reference';
import { makeWorkloads, type Workload } from './workloads';
import { openYardstick } from './yardstick';

/** Steps before the clock counts; their losses are compared. */
const WARM_UP = 5;

/** An engine that is ready to step, with the devices that it opened. */
interface Runner {
  readonly name: EngineName;
  readonly step: Step;
  readonly devices: readonly GPUDevice[];
}

const environment = openEnvironment();
const workloads = makeWorkloads();
const [mode, ...words] = process.argv.slice(2);
const result =
  mode === 'compare'
    ? await compare(words[0] as Workload, Number(words[1]))
    : await cold(words[0] as EngineName);
process.send?.(result, () => {
  for (const { device } of environment.opened) device.destroy();
  process.exit(0);
});

/** Times in milliseconds, one a round; the losses of the first steps; the first of them in float64. */
async function compare(workload: Workload, rounds: number) {
  const yardstick = await openYardstick(environment.gpu);
  const runners: Runner[] = [];
  const losses: Partial<Record<EngineName, number[]>> = {};
  for (const name of ENGINES) {
    const runner = await open(name, await loadEngine(name), workload);
    const first: number[] = [];
    await environment.guarded(runner.devices, async () => {
      while (first.length < WARM_UP) first.push(await settled(runner));
    });
    losses[name] = first;
    runners.push(runner);
    process.stderr.write(`  ${workload} ${name}: losses ${first.map((loss) => loss.toFixed(6)).join(' ')}\n`);
  }
  const devices = environment.opened.map(({ device }) => device);
  const times = {
    yardstick: [] as number[],
    masa: [] as number[],
    jax: [] as number[],
    tfjs: [] as number[],
  };
  await environment.guarded(devices, async () => {
    for (let round = 0; round < rounds; round++) {
      for (const runner of runners) {
        times.yardstick.push(await timed(yardstick));
        times[runner.name].push(await timed(() => settled(runner)));
      }
    }
  });
  const reference = workload === 'w1' ? stackLoss(workloads.w1) : llamaFirstLoss(workloads.w2);
  return { adapter: commonAdapter(environment.opened), losses, times, reference };
}

/** Seconds from the code being loaded and the numbers lying in memory to the first loss on the CPU. */
async function cold(name: EngineName) {
  const engine = await loadEngine(name);
  let loss = Number.NaN;
  const milliseconds = await timed(async () => {
    const runner = await open(name, engine, 'w2');
    loss = await settled(runner);
  });
  await environment.guarded([], () => Promise.resolve());
  return { adapter: commonAdapter(environment.opened), loss, seconds: milliseconds / 1000 };
}

async function open(name: EngineName, engine: EngineModule, workload: Workload): Promise<Runner> {
  const before = environment.opened.length;
  const { gpu } = environment;
  const step =
    workload === 'w1' ? await engine.openStack(workloads.w1, gpu) : await engine.openLlama(workloads.w2, gpu);
  return { name, step, devices: environment.opened.slice(before).map(({ device }) => device) };
}

/** A step, and the end of all work that it submitted: the same for every engine. */
async function settled({ step, devices }: Runner): Promise<number> {
  const loss = await step();
  await Promise.all(devices.map((device) => device.queue.onSubmittedWorkDone()));
  return loss;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
