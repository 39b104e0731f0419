import type { GpuDevice, TrainingPlan } from '../engine';
import { memoryFloor } from '../engine/train/memoryFloor';
import { openFrozenPass } from './frozenPass';
import { gigaflops, openGemms, type GemmResults } from './gemm';
import { BENCH_MODEL, benchRun } from './model';
import {
  figure,
  fromTime,
  guarded,
  ratio,
  timesOf,
  timeTogether,
  type Figure,
  type TimingOptions,
} from './timing';
import { requireSameLoss, withTrainings, type OnPreparation } from './training';

export interface StepResults {
  /** Time that the step's frozen products would take at the best rates, ÷ the step's time. */
  readonly gemmShare: Figure;
  /** MASA step (E = 4) ÷ forward and dx of the frozen base. */
  readonly adapterOverhead: Figure;
  /** Step with E = 16 ÷ step with E = 1. */
  readonly expertGrowth: Figure;
  /** Seconds of the step with E = 4. */
  readonly seconds: Figure;
}

export interface RecomputeResults {
  /** Bytes that the plan says, that were allocated, and that no plan could do without (memoryFloor.ts). */
  readonly planned: number;
  readonly allocated: number;
  readonly floor: number;
  /** Step with recomputation ÷ step without. */
  readonly recomputeCost: Figure;
}

/** Times the training step of BENCH_MODEL in f32 for E = 1, 4 and 16, and in bf16 with and without recomputation. */
export async function measureSteps(
  gpu: GpuDevice,
  gemm: GemmResults,
  options: TimingOptions,
  onPreparation: OnPreparation,
): Promise<StepResults> {
  const runs = [1, 4, 16].map(
    (experts) => [stepName(experts), benchRun(BENCH_MODEL, { num_experts: experts })] as const,
  );
  const told = { signal: options.signal, onPreparation };
  return await withTrainings(
    gpu,
    BENCH_MODEL,
    'F32',
    runs,
    told,
    async (trainings, { base, batch, kernels }) => {
      const gemms = await openGemms(gpu, gemm.winners);
      const frozen = await openFrozenPass(base, batch, kernels);
      try {
        const [first, middle] = trainings;
        if (first === undefined || middle === undefined) throw new Error('there is no step with E = 4');
        requireSameLoss(first.name, first.firstLoss, await guarded(gpu.device, () => frozen.loss()));
        const timings = await timeTogether(gpu.device, [...trainings, frozen, ...gemms.subjects], options);
        const flops = frozenFlops(middle.trainer.plan);
        const seconds = figure(timesOf(timings, stepName(4)));
        const share = (which: keyof Figure) => {
          const rate = (direction: 'nt' | 'nn') =>
            Math.max(fromTime(timings, direction, gigaflops)[which], gemm.rates[direction].f32[which]) * 1e9;
          return (flops.nt / rate('nt') + flops.nn / rate('nn')) / seconds[which];
        };
        return {
          gemmShare: { best: share('best'), median: share('median') },
          adapterOverhead: ratio(timings, stepName(4), frozen.name),
          expertGrowth: ratio(timings, stepName(16), stepName(1)),
          seconds,
        };
      } finally {
        frozen.destroy();
        gemms.destroy();
      }
    },
  );
}

/** The same model in bf16, E = 4, with the activations computed again and without. */
export async function measureRecomputation(
  gpu: GpuDevice,
  options: TimingOptions,
  onPreparation: OnPreparation,
): Promise<RecomputeResults> {
  const run = (gradient_checkpointing: 'on' | 'off') =>
    benchRun(BENCH_MODEL, { num_experts: 4, gradient_checkpointing });
  const [withIt, without] = ['the step with recomputation', 'the step without recomputation'] as const;
  const runs = [
    [withIt, run('on')],
    [without, run('off')],
  ] as const;
  const told = { signal: options.signal, onPreparation };
  return await withTrainings(gpu, BENCH_MODEL, 'BF16', runs, told, async (trainings, { base }) => {
    const [on] = trainings;
    if (on === undefined) throw new Error('there is no step with recomputation');
    const timings = await timeTogether(gpu.device, trainings, options);
    return {
      planned: on.trainer.plan.bytes.total,
      allocated: on.trainer.allocatedBytes,
      floor: memoryFloor(BENCH_MODEL, base.weights, run('off')).total,
      recomputeCost: ratio(timings, withIt, without),
    };
  });
}

/** Operations of a step's frozen products in both directions, from what it launches; low-rank tails do not count. */
export function frozenFlops({ programs }: Pick<TrainingPlan, 'programs'>): { nt: number; nn: number } {
  const flops = { nt: 0, nn: 0 };
  for (const { kernel, params } of programs['micro'] ?? []) {
    const product = (...names: readonly string[]) =>
      names.reduce((total, name) => total * (params[name] ?? Number.NaN), 2);
    if (kernel.id.startsWith('matmulBackward')) flops.nn += product('rows', 'outs', 'cols');
    else if (kernel.id.startsWith('matmul')) flops.nt += product('rows', 'cols', 'inner');
  }
  return flops;
}

const stepName = (experts: number) => `step with E = ${experts}`;
