import { afterAll, beforeAll, expect, it } from 'vitest';
import { MODULES, type ModuleName } from '../../../src/config/modules';
import type { RunConfig } from '../../../src/config/runConfig';
import { attachAdapter, loadBaseModel, openDevice, type BaseModel } from '../../../src/engine';
import { adapterLayout } from '../../../src/engine/adapters/layout';
import { openFeatureReader, type FeatureRequest } from '../../../src/engine/analysis/features/reader';
import { chooseRows } from '../../../src/engine/analysis/features/rows';
import type { TokenExample } from '../../../src/engine/data/examples';
import type { Checkpoint } from '../../../src/engine/model/checkpoint';
import { linearShape } from '../../../src/engine/model/tensorShapes';
import { assertClose } from '../../reference/compare';
import { llamaLinears, type MicroBatch } from '../../reference/llama';
import { matmulNT } from '../../reference/matmul';
import { describeGpu, testGpu } from '../../support/dawn';
import { gradientFixture, referenceWeights } from '../../support/fixture';
import { packedRows } from '../../support/packing';
import { randomIntegers, randomValues } from '../../support/random';
import { testRun } from '../../support/runs';

/** f32 against float64 through up to three layers, some 1e-6 of the largest value; a wrong row or term shows as 1e-1. */
const TOLERANCE = { maxRel: 1e-5 };

describeGpu('features of the experts', () => {
  let checkpoint: Checkpoint;
  let base: BaseModel;
  let weights: ReadonlyMap<string, Float64Array>;

  beforeAll(async () => {
    ({ checkpoint } = await gradientFixture('masa'));
    base = await loadBaseModel(await openDevice((await testGpu())!), checkpoint);
    weights = await referenceWeights(checkpoint);
  });

  afterAll(() => {
    base.destroy();
  });

  /** Examples of odd lengths, the loss of which begins behind a prompt of a third. */
  function examples(lengths: readonly number[]): TokenExample[] {
    return lengths.map((length, i) => ({
      ids: Uint32Array.from(randomIntegers(length, checkpoint.config.vocabSize, 50 + i)),
      train: Uint8Array.from({ length }, (_, t) => Number(t > length / 3)),
      task: i % 2 === 0 ? 'even' : undefined,
    }));
  }

  function settings(chosen: Partial<RunConfig>): RunConfig {
    const few = { num_experts: 3, group_size: 2, r: 3, lora_alpha: 5 };
    return testRun(checkpoint.config.layers, 16, { ...few, ...chosen });
  }

  async function read(run: RunConfig, request: FeatureRequest) {
    const size = adapterLayout(run, checkpoint.config).size;
    const values = Float32Array.from(randomValues(size, 3, 0.3));
    const adapter = await attachAdapter(base.gpu, base.config, run, values);
    const reader = await openFeatureReader(base, run, adapter, request);
    const features = await reader.read();
    reader.destroy();
    adapter.destroy();
    return { features, values };
  }

  /** The same figures in float64: every example by itself, whole, as rows of one batch. */
  function reference(run: RunConfig, values: Float32Array, all: readonly TokenExample[]) {
    const tokens = all.flatMap(({ ids }) => Array.from(ids));
    const batch: MicroBatch = { tokens, targets: tokens, ...packedRows(all.map(({ ids }) => ids.length)) };
    const adapter = { shape: run, loraAlpha: run.lora_alpha, values: Float64Array.from(values) };
    return llamaLinears({ config: checkpoint.config, weights, adapter }, batch);
  }

  it.for([
    ['masa', { method: 'masa' }, 'prompt_end', 100],
    ['masa whose last group is short, some tokens', { method: 'masa', num_experts: 2 }, 'counted', 9],
    ['lora on some modules', { method: 'lora', target_modules: ['v_proj', 'down_proj'] }, 'counted', 100],
    ['a single row', { method: 'masa', r: 1, num_experts: 1 }, 'prompt_end', 1],
  ] as const)('%s: those of the float64 reference', async ([, chosen, choice, most]) => {
    const run = settings(chosen);
    const all = examples([7, 12, 2, 9]);
    const rows = chooseRows(all, { choice, most, seed: 5 });
    const { features, values } = await read(run, { examples: all, rows, increments: true });
    const linears = reference(run, values, all);
    const layout = adapterLayout(run, checkpoint.config);
    const starts = all.map((_, i) => all.slice(0, i).reduce((sum, { ids }) => sum + ids.length, 0));
    const pick = (matrix: Float64Array, width: number) =>
      Float64Array.from(
        rows.flatMap(({ sample, position }) => {
          const at = starts[sample]! + position;
          return Array.from(matrix.subarray(at * width, (at + 1) * width));
        }),
      );
    const targets = MODULES.filter((module) => run.target_modules.includes(module));
    expect(features.modules.map(({ layer, module }) => `${layer} ${module}`)).toEqual(
      linears.flatMap((_, layer) => targets.map((module) => `${layer} ${module}`)),
    );
    for (const { layer, module, experts, mix, increment } of features.modules) {
      const { x, lowRank } = linears[layer]![module];
      const [out, inner] = linearShape(checkpoint.config, module);
      const { path, u } = lowRank!;
      const inputs = pick(x, inner);
      const single = path.downs.map((a) => matmulNT(inputs, a, rows.length, inner, run.r));
      const stacked = rows.flatMap((_, n) =>
        single.flatMap((features) => Array.from(features.subarray(n * run.r, (n + 1) * run.r))),
      );
      const mixed = pick(u, run.r);
      const added = matmulNT(mixed, path.up, rows.length, run.r, out).map((value) => path.scale * value);
      const what = `layer ${layer} ${module}`;
      expect([experts.cols, mix.cols, increment?.cols]).toEqual([layout.block.downs * run.r, run.r, out]);
      assertClose(experts.values, stacked, TOLERANCE, `${what}, experts`);
      assertClose(mix.values, mixed, TOLERANCE, `${what}, mix`);
      assertClose(increment!.values, added, TOLERANCE, `${what}, increment`);
    }
  });

  it.for([
    ['hydralora', { method: 'hydralora' }],
    ['lora_moe', { method: 'lora_moe', top_k: 2 }],
    ['masa with a router', { method: 'masa', expert_mix: 'router' }],
  ] as const)('%s: gates of the reference, and what is mixed and added by them', async ([, chosen]) => {
    const run = settings(chosen);
    const { num_experts: E, r, top_k } = run;
    const all = examples([7, 12, 2, 9]);
    const rows = chooseRows(all, { choice: 'counted', most: 100, seed: 5 });
    const { features, values } = await read(run, { examples: all, rows, increments: true });
    const layout = adapterLayout(run, checkpoint.config);
    const tensor = (role: 'A' | 'B' | 'router', layer: number, module: ModuleName, expert = 0) => {
      const { offset, shape } = layout.find(role, module, layer, expert);
      return Float64Array.from(values.subarray(offset, offset + shape[0] * shape[1]));
    };
    const tokens = all.flatMap(({ ids }) => Array.from(ids));
    const batch = { tokens, targets: tokens, ...packedRows(all.map(({ ids }) => ids.length)) };
    // What the first layer's q, k and v read does not depend on the adapter.
    const { x } = llamaLinears({ config: checkpoint.config, weights }, batch)[0]!.q_proj;
    const C = checkpoint.config.hiddenSize;
    for (const { layer, module, experts, mix, increment, gates } of features.modules) {
      const what = `layer ${layer} ${module}`;
      if (layer === 0 && ['q_proj', 'k_proj', 'v_proj'].includes(module)) {
        const wanted = rows.flatMap(({ sample, position }) => {
          const n = all.slice(0, sample).reduce((sum, { ids }) => sum + ids.length, position);
          const inputs = x.subarray(n * C, (n + 1) * C);
          const logits = matmulNT(inputs, tensor('router', 0, module), 1, C, E);
          const least = top_k === 0 ? -Infinity : logits.toSorted().at(-top_k)!;
          const powers = Array.from(logits, (logit) => (logit < least ? 0 : Math.exp(logit)));
          const total = powers.reduce((sum, power) => sum + power, 0);
          return powers.map((power) => power / total);
        });
        assertClose(gates!.values, wanted, TOLERANCE, `${what}, gates`);
      }
      const { downs, ups } = layout.block;
      const mixed = new Float64Array(rows.length * ups * r);
      const added = new Float64Array(increment!.values.length);
      for (let n = 0; n < rows.length; n++) {
        for (let i = 0; i < E; i++) {
          const gate = gates!.values[n * E + i]!;
          for (let c = 0; c < r; c++) {
            const u = experts.values[(n * downs + (downs === 1 ? 0 : i)) * r + c]!;
            mixed[(n * ups + (ups === 1 ? 0 : i)) * r + c]! += gate * u;
          }
        }
      }
      for (let i = 0; i < ups; i++) {
        const head = Float64Array.from(
          rows.flatMap((_, n) => Array.from(mixed.subarray((n * ups + i) * r, (n * ups + i + 1) * r))),
        );
        const product = matmulNT(head, tensor('B', layer, module, i), rows.length, r, increment!.cols);
        product.forEach((value, k) => (added[k]! += (run.lora_alpha / r) * value));
      }
      assertClose(mix.values, mixed, TOLERANCE, `${what}, mix`);
      assertClose(increment!.values, added, TOLERANCE, `${what}, increment`);
    }
  });

  it('reads only what is asked for, with the same bits', async () => {
    const run = settings({ method: 'masa' });
    const all = examples([7, 12, 2, 9]);
    const rows = chooseRows(all, { choice: 'counted', most: 100, seed: 5 });
    const whole = (await read(run, { examples: all, rows, increments: true })).features;
    const request = { examples: all, rows, layers: [1], modules: ['o_proj'] as const, increments: false };
    const part = (await read(run, request)).features;
    expect(part.modules).toHaveLength(1);
    const same = whole.modules.find(({ layer, module }) => layer === 1 && module === 'o_proj')!;
    expect(part.modules[0]).toEqual({ ...same, increment: undefined });
    expect(structuredClone(part)).toEqual(part);
  });

  it('gives LoRA’s one expert and its mix the same bits', async () => {
    const all = examples([7, 12]);
    const rows = chooseRows(all, { choice: 'counted', most: 100, seed: 5 });
    const { features } = await read(settings({ method: 'lora' }), { examples: all, rows, increments: false });
    for (const { experts, mix } of features.modules) expect(experts.values).toEqual(mix.values);
  });

  it('refuses what does not exist or fit, before anything is allocated', async () => {
    const all = examples([7]);
    const rows = chooseRows(all, { choice: 'prompt_end', most: 1, seed: 0 });
    const run = settings({ method: 'lora', target_modules: ['q_proj'] });
    const request = { examples: all, rows, increments: true };
    await expect(read(run, { ...request, layers: [9] })).rejects.toThrow(
      /^layer: the model has no layer 9; give/,
    );
    await expect(read(run, { ...request, modules: ['k_proj'] })).rejects.toThrow(
      /k_proj has no part in this/,
    );
    const many = rows.slice();
    (many as unknown[]).length = 20_000_000;
    await expect(read(run, { ...request, rows: many })).rejects.toThrow(
      /^rows: the features of 20000000 tokens in \d+ modules take \d+ MiB, and there is room for 1024 MiB; choose/,
    );
  });
});
