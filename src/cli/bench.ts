import { UserError } from '../config/errors';
import type { GpuDevice } from '../engine';
import { measureGemmRates, type GemmResults } from '../bench/gemm';
import { measureLowRank } from '../bench/lowRank';
import type { TimingOptions } from '../bench/timing';
import { benchTable, only, type Results } from './benchReport';
import type { CommandSpec } from './commandSpec';
import { withDevice } from './gpu';
import type { Io } from './io';
import { Progress } from './progress';

const SUITES = ['kernels', 'all'] as const;
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
        'product (default all)',
    },
    { key: 'rounds', value: 'N', hint: 'repeats of everything that is timed (default 10)' },
  ],
  async run(flags, io) {
    readSuite(flags.text('suite', 'all'));
    const rounds = flags.number('rounds', { integer: true, min: 1, max: 1000 }) ?? 10;
    return await withDevice(io, async (gpu) => {
      const results = await measure(gpu, rounds, io);
      const document = {
        adapter: gpu.info.name,
        rounds,
        ...only(results, 'best'),
        median: only(results, 'median'),
      };
      return { document, text: benchTable(gpu.info.name, rounds, results) };
    });
  },
};

function readSuite(text: string): Suite {
  const suite = SUITES.find((name) => name === text);
  if (suite !== undefined) return suite;
  throw new UserError('--suite', `there is no suite ${JSON.stringify(text)}`, `give ${SUITES.join(', ')}`);
}

async function measure(gpu: GpuDevice, rounds: number, io: Io): Promise<Results> {
  const progress = new Progress(io);
  const options = (what: string): TimingOptions => ({
    rounds,
    signal: io.interrupted,
    onRound: (round) => {
      progress.show(
        round === 0 ? `${what}: warming up` : `${what}: round ${round} of ${rounds}`,
        round === 0,
      );
    },
  });
  try {
    const gemm = await measureGemmRates(gpu, options('frozen products'));
    return { ...gemmReport(gemm), ...(await lowRankReport(gpu, gemm, options('low-rank path'))) };
  } finally {
    progress.clear();
  }
}

function gemmReport({ rates, winners, variants, largestError }: GemmResults): Results {
  return {
    gemm: {
      nt: { ...rates.nt },
      nn: { ...rates.nn },
      fastest: winners,
      variants,
      largest_error: largestError,
    },
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
