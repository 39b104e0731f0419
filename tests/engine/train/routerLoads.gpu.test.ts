import { afterAll, beforeAll, expect, it } from 'vitest';
import { MODULES } from '../../../src/config/modules';
import { createTrainer, loadBaseModel, openDevice, type BaseModel } from '../../../src/engine';
import { initialValues } from '../../../src/engine/adapters/initialise';
import { adapterLayout } from '../../../src/engine/adapters/layout';
import type { Checkpoint } from '../../../src/engine/model/checkpoint';
import { llamaLinears, type MicroBatch } from '../../reference/llama';
import { matmulNT } from '../../reference/matmul';
import { gatesOf } from '../../reference/routed';
import { describeGpu, testGpu } from '../../support/dawn';
import { gradientFixture, referenceWeights } from '../../support/fixture';
import { packedRows } from '../../support/packing';
import { randomIntegers } from '../../support/random';
import { engineBatch, testRun } from '../../support/runs';

const ROWS = 24;
const EXPERTS = 3;

/** Mean gates of f32 against float64; tokens that go to another expert would show as some 1e-2. */
const TOLERANCE = 1e-5;

/** Two examples, some rows of which do not count. */
function batch(seed: number): MicroBatch {
  const lengths = [13, 8];
  const tokens = randomIntegers(21, 67, seed);
  const targets = randomIntegers(21, 67, seed + 1).map((token, row) => (row % 5 === seed % 5 ? -100 : token));
  return { tokens, targets, ...packedRows(lengths) };
}

describeGpu('the load of each expert in the metrics of a step', () => {
  const micros = [batch(1), batch(3)];
  let checkpoint: Checkpoint;
  let base: BaseModel;

  beforeAll(async () => {
    ({ checkpoint } = await gradientFixture('masa'));
    base = await loadBaseModel(await openDevice((await testGpu())!), checkpoint);
  });

  afterAll(() => {
    base.destroy();
  });

  function runOf(settings: Parameters<typeof testRun>[2]) {
    const few = { num_experts: EXPERTS, group_size: 2, r: 2, gradient_accumulation_steps: micros.length };
    return testRun(base.config.layers, ROWS, { ...few, ...settings });
  }

  async function firstStep(run: ReturnType<typeof runOf>) {
    const batches = {
      batchFor: (_: number, micro: number) => engineBatch(micros[micro]!, ROWS),
      validation: [],
    };
    const trainer = await createTrainer(base, { run, batches });
    const metrics = await trainer.step();
    trainer.destroy();
    return metrics;
  }

  it.for([
    ['HydraLoRA', { method: 'hydralora' }, 0],
    ['LoRA-MoE with a choice of two', { method: 'lora_moe', top_k: 2 }, 2],
    ['MASA with a router', { method: 'masa', expert_mix: 'router' }, 0],
  ] as const)('%s: the mean gate, over tokens and then routers, of the float64 reference', async (given) => {
    const [, settings, topK] = given;
    const run = runOf(settings);
    const { expert_load, router_load } = await firstStep(run);

    // B begins as zero, so that the routers of the first step read what the base model's linears read.
    const weights = await referenceWeights(checkpoint);
    const layout = adapterLayout(run, base.config);
    const values = initialValues(layout, run.seed);
    const loads: number[][] = [];
    for (let layer = 0; layer < base.config.layers; layer++) {
      for (const module of MODULES.filter((name) => layout.targets.includes(name))) {
        const { offset, shape } = layout.find('router', module, layer, 0);
        const [experts, width] = shape;
        const router = Float64Array.from(values.subarray(offset, offset + experts * width));
        const load = new Array<number>(experts).fill(0);
        let counted = 0;
        for (const micro of micros) {
          const { x } = llamaLinears({ config: base.config, weights }, micro)[layer]![module];
          const { g } = gatesOf(
            matmulNT(x, router, micro.tokens.length, width, experts),
            experts,
            topK || experts,
          );
          Array.from(micro.targets).forEach((target, row) => {
            if (target < 0) return;
            counted += 1;
            for (let i = 0; i < experts; i++) load[i]! += g[row * experts + i]!;
          });
        }
        loads.push(load.map((sum) => sum / counted));
      }
    }
    const mean = (of: (load: number[]) => number) =>
      loads.reduce((sum, load) => sum + of(load), 0) / loads.length;
    expect(loads).toHaveLength(base.config.layers * layout.targets.length);
    expect(expert_load).toHaveLength(EXPERTS);
    expert_load!.forEach((load, i) => {
      expect(Math.abs(load - mean((own) => own[i]!))).toBeLessThan(TOLERANCE);
    });
    expect(Math.abs(expert_load!.reduce((sum, load) => sum + load, 0) - 1)).toBeLessThan(TOLERANCE);
    expect(Math.abs(router_load! - mean((own) => Math.max(...own)))).toBeLessThan(TOLERANCE);
  });

  it('is not there without routers', async () => {
    expect(await firstStep(runOf({ method: 'masa' }))).not.toHaveProperty('expert_load');
  });
});
