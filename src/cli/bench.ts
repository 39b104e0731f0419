import { measureGemmRates, type GemmResults } from '../bench/gemm';
import { measureLowRank } from '../bench/lowRank';
import { measureMethods } from '../bench/methods';
import { BENCH_MODEL } from '../bench/model';
import { measureRecomputation, measureSteps } from '../bench/step';
import type { TimingOptions } from '../bench/timing';
import { UserError } from '../config/errors';
import type { GpuDevice } from '../engine';
import { measureGrowth } from './benchMemory';
import { benchTable, only, type Results } from './benchReport';
import type { CommandSpec } from './commandSpec';
import { withDevice } from './gpu';
import type { Io } from './io';
import { Progress } from './progress';

const SUITES = ['kernels', 'step', 'methods', 'all'] as const;
type Suite = (typeof SUITES)[number];

/** `masa bench`: how fast the engine is, each figure out of things that were timed in turns. */
export const bench: CommandSpec = {
  name: 'bench',
  summary: 'times the kernels and the training step against what they must not lose to',
  flags: [
    {
      key: 'suite',
      value: SUITES.join('|'),
      hint:
        'kernels: frozen products in GFLOP/s beside the naive one, and the low-rank path in times of the frozen ' +
        'product; step: a training step in times of its frozen products, its memory, and what 2,000 steps leave ' +
        'behind; methods: the step of every method in times of LoRA’s, at the same number of trainable weights ' +
        '(default all)',
    },
    { key: 'rounds', value: 'N', hint: 'repeats of everything that is timed (default 10)' },
  ],
  async run(flags, io) {
    const suite = readSuite(flags.text('suite', 'all'));
    const rounds = flags.number('rounds', { integer: true, min: 1, max: 1000 }) ?? 10;
    return await withDevice(io, async (gpu) => {
      const results = await measure(gpu, suite, rounds, io);
      const { name: adapter } = gpu.info;
      const document = { adapter, rounds, ...only(results, 'best'), median: only(results, 'median') };
      return { document, text: benchTable(adapter, rounds, results) };
    });
  },
};

function readSuite(text: string): Suite {
  const suite = SUITES.find((name) => name === text);
  if (suite !== undefined) return suite;
  throw new UserError(
    '--suite',
    `there is no suite ${JSON.stringify(text)}`,
    `give one of ${SUITES.join(', ')}`,
  );
}

async function measure(gpu: GpuDevice, suite: Suite, rounds: number, io: Io): Promise<Results> {
  const progress = new Progress(io);
  const options = (what: string): TimingOptions => ({
    rounds,
    signal: io.interrupted,
    onRound: (round) => {
      const now = round === 0 ? 'warming up' : `round ${round} of ${rounds}`;
      progress.show(`Timing ${what}: ${now}`, round === 0);
    },
  });
  const prepare = (what: string) => {
    io.interrupted.throwIfAborted();
    progress.show(`Preparing ${what}`, false);
  };
  try {
    const methods = () => methodsReport(gpu, options('the methods'), prepare);
    if (suite === 'methods') return await methods();
    const gemm = await measureGemmRates(gpu, options('frozen products'));
    return {
      ...gemmReport(gemm),
      ...(suite === 'step' ? {} : await lowRankReport(gpu, gemm, options('the low-rank path'))),
      ...(suite === 'kernels' ? {} : await stepReport(gpu, gemm, options, prepare)),
      ...(suite === 'all' ? await methods() : {}),
    };
  } finally {
    progress.clear();
  }
}

function gemmReport({ rates, winners, variants, largestError }: GemmResults): Results {
  const { nt, nn } = rates;
  return {
    gemm: { nt: { ...nt }, nn: { ...nn }, fastest: winners, variants, largest_error: largestError },
  };
}

async function lowRankReport(gpu: GpuDevice, gemm: GemmResults, options: TimingOptions): Promise<Results> {
  const results = await measureLowRank(gpu, gemm.winners.nt.f32, options);
  return {
    masa: {
      forward_overhead: results.forwardOverhead,
      fused_speedup: results.fusedSpeedup,
      largest_error: results.largestError,
    },
  };
}

async function stepReport(
  gpu: GpuDevice,
  gemm: GemmResults,
  options: (what: string) => TimingOptions,
  prepare: (what: string) => void,
): Promise<Results> {
  const step = await measureSteps(gpu, gemm, options('the training step'), prepare);
  const memory = await measureRecomputation(gpu, options('recomputation'), prepare);
  prepare('a long run');
  const growth = await measureGrowth(gpu);
  return {
    step: {
      gemm_share: step.gemmShare,
      adapter_overhead: step.adapterOverhead,
      expert_growth: step.expertGrowth,
      seconds: step.seconds,
    },
    memory: {
      planned: memory.planned,
      allocated: memory.allocated,
      floor: memory.floor,
      recompute_cost: memory.recomputeCost,
      growth: {
        steps: growth.steps,
        gpu_bytes: growth.gpuBytes,
        gpu_buffers: growth.gpuBuffers,
        heap_bytes: growth.heapBytes,
      },
    },
  };
}

async function methodsReport(
  gpu: GpuDevice,
  options: TimingOptions,
  prepare: (what: string) => void,
): Promise<Results> {
  const methods = await measureMethods(gpu, BENCH_MODEL, options, prepare);
  const costs = Object.entries(methods).map(([name, { r, weights, weightsRatio, step }]) => [
    name,
    { r, weights, weights_ratio: weightsRatio, step_ratio: step },
  ]);
  return { methods: Object.fromEntries(costs) as Results };
}
