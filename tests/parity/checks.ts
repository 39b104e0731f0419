import { attachAdapter } from '../../src/engine/adapters/attach';
import { adapterGradient } from '../../src/engine/analysis/features/gradients';
import { readFloats } from '../../src/engine/gpu/readback';
import { completePlan, openWorkspace } from '../../src/engine/gpu/workspace';
import { planActivations } from '../../src/engine/model/activations';
import type { BaseModel } from '../../src/engine/model/baseModel';
import { forward, forwardBuffers, head, INPUT } from '../../src/engine/model/forward';
import { ropeTable } from '../../src/engine/model/ropeTable';
import { createTrainer } from '../../src/engine/train/trainer';
import { writeBatch } from '../../src/engine/train/writeBatch';
import { compare, type Comparison } from '../reference/compare';
import type { GradientFixture, TrainingFixture } from '../support/fixtureFormat';
import { engineBatch, engineGradient, testRun } from '../support/runs';

/**
 * The whole model on the GPU against PyTorch's autograd, as functions of a model on any device: nothing here belongs
 * to Vitest or to Node, so that the same checks run in Dawn, in Deno and inside a browser.
 */

/** One thing that was compared with PyTorch's. */
export interface Check {
  readonly what: string;
  /** Infinite where one side is NaN or infinite and the other is not. */
  readonly error: number;
  readonly tolerance: number;
}

/**
 * Both sides compute in f32 and sum in different orders; over these sizes (sums of at most 100 terms, at most 5
 * layers) that gives differences of some 1e-6 relative to the largest value. 1e-4 is what the product promises; a
 * wrong term shows as 1e-2 or more.
 */
const PROMISED = 1e-4;
/** Ten steps of AdamW divide by the root of small gradients, which amplifies their error: ten times as much. */
const AFTER_TEN_STEPS = 1e-3;
/** Learning rates are computed in float64 on both sides and are at most 1e-2. */
const SCHEDULE = 5e-13;

export function passes({ error, tolerance }: Check): boolean {
  return error <= tolerance; // false for NaN
}

/** Loss and every adapter gradient of one micro-batch. */
export async function gradientChecks(base: BaseModel, fixture: GradientFixture): Promise<Check[]> {
  const batch = engineBatch(fixture.batch);
  const run = testRun(base.config.layers, batch.tokens.length, fixture.adapter);
  const { step, micro } = fixture;
  const { loss, gradient } = await engineGradient(base, run, batch, fixture.values, { step, micro });
  return [difference('loss', loss, fixture.loss, PROMISED), ...tensorChecks(gradient, fixture)];
}

/**
 * The gradient that is measured beside a run, whose batch is its own: without dropout, or the masks would have to be
 * those of the fixture's micro-batch.
 */
export async function measuredGradientChecks(base: BaseModel, fixture: GradientFixture): Promise<Check[]> {
  const { adapter, values, step } = fixture;
  const attached = await attachAdapter(base.gpu, base.config, adapter, values);
  const masks = { seed: adapter.seed, step };
  const gradient = await adapterGradient(base, adapter, attached, engineBatch(fixture.batch), masks);
  attached.destroy();
  return tensorChecks(gradient, fixture);
}

/** A gradient, tensor by tensor. */
function tensorChecks(gradient: Float32Array, { layout, gradient: expected }: GradientFixture): Check[] {
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return layout.tensors.map(({ name, role, module, shape, offset }) => {
    const part = (values: Float32Array) => values.subarray(offset, offset + shape[0] * shape[1]);
    const comparison = compare(part(gradient), part(expected));
    const what = `gradient of ${name}`;
    // Of an expert at q that only first tokens chose, whose attention is 1 whatever q, PyTorch has exactly 0, which is
    // no size to measure by, and rounding may leave something here.
    const mayBeZero = module === 'q_proj' && role !== 'router';
    return mayBeZero && part(expected).every((value) => value === 0)
      ? check(what, comparison, 'maxAbs', PROMISED * largest)
      : check(what, comparison, 'maxRel', PROMISED);
  });
}

/** Logits of a batch of packed examples, with the fixture's adapter. */
export async function logitChecks(base: BaseModel, fixture: GradientFixture): Promise<Check[]> {
  const comparison = compare(await packedLogits(base, fixture), fixture.logits);
  return [check('logits of packed examples', comparison, 'maxAbs', PROMISED)];
}

/** Loss, gradient norm and learning rate of each of ten AdamW steps, and the adapter after them. */
export async function trainingChecks(base: BaseModel, fixture: TrainingFixture): Promise<Check[]> {
  const { steps } = fixture;
  const rows = Math.max(...steps.flatMap(({ batches }) => batches.map(({ tokens }) => tokens.length)));
  const batch = (step: number, micro: number) => {
    const found = steps[step]?.batches[micro];
    if (found === undefined) throw new RangeError(`there is no batch ${micro} of step ${step}`);
    return engineBatch(found, rows);
  };
  const trainer = await createTrainer(base, {
    run: testRun(base.config.layers, rows, {
      ...fixture.adapter,
      ...fixture.training,
      gradient_accumulation_steps: steps[0]?.batches.length ?? 1,
    }),
    values: fixture.values,
    batches: { batchFor: batch, validation: [] },
  });
  try {
    const checks: Check[] = [];
    for (const expected of steps) {
      const { step, loss, grad_norm, learning_rate, router_aux_loss } = await trainer.step();
      checks.push(
        difference(`loss of step ${step}`, loss, expected.loss, PROMISED),
        difference(`gradient norm of step ${step}`, grad_norm / expected.gradNorm, 1, PROMISED),
        difference(`learning rate of step ${step}`, learning_rate, expected.learningRate, SCHEDULE),
      );
      if (expected.auxLoss !== undefined) {
        const what = `balance loss of step ${step}`;
        checks.push(difference(what, router_aux_loss ?? Number.NaN, expected.auxLoss, PROMISED));
      }
    }
    const { values } = await trainer.adapter();
    return [
      ...checks,
      check('adapter after the last step', compare(values, fixture.final), 'maxRel', AFTER_TEN_STEPS),
    ];
  } finally {
    trainer.destroy();
  }
}

function difference(what: string, actual: number, expected: number, tolerance: number): Check {
  return { what, error: Math.abs(actual - expected), tolerance };
}

function check(what: string, comparison: Comparison, metric: 'maxRel' | 'maxAbs', tolerance: number): Check {
  return { what, error: comparison.nonFinite > 0 ? Infinity : comparison[metric], tolerance };
}

async function packedLogits(base: BaseModel, fixture: GradientFixture): Promise<Float32Array> {
  const { config, gpu } = base;
  const batch = engineBatch(fixture.batch);
  const rows = batch.tokens.length;
  const maxBinding = gpu.device.limits.maxStorageBufferBindingSize;
  const adapter = await attachAdapter(gpu, config, fixture.adapter, fixture.values);
  const activations = planActivations(config, rows, false);
  const pass = { ...base, activations, adapter: adapter.hook(rows), maxBinding };
  const plan = completePlan(
    [
      ...forwardBuffers(config, rows, rows),
      ...activations.buffers,
      ...adapter.scratch(rows),
      { name: INPUT.targets.buffer, bytes: rows * 4, part: 'io' },
      { name: 'logits', bytes: rows * config.vocabSize * 4, part: 'io' },
    ],
    { logits: [...forward(pass), ...head(pass, 0, rows, { buffer: 'logits' })] },
  );
  const shared = (name: string) => base.buffer(name) ?? adapter.buffer(name);
  const workspace = await openWorkspace(gpu, plan, { shared });
  workspace.write(INPUT.ropeTable.buffer, ropeTable(config, rows));
  writeBatch(workspace, batch);
  workspace.run(['logits'], {});
  const logits = await readFloats(gpu.device, workspace.buffer('logits'));
  workspace.destroy();
  adapter.destroy();
  return logits;
}
