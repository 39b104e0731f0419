import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { ExpertReport } from '../../src/engine/analysis/features/report';
import { masa, masaJson, refusal, temporaryFolder } from '../support/cli';
import { describeGpu } from '../support/dawn';
import { hasSharedData, sharedData } from '../support/sharedData';

const model = sharedData('checkpoints/story-llama-hf');

/** Small enough for a processor; large steps, so that the increments are more than noise. */
const SETTINGS = [
  ...['--method', 'masa', '--num_experts', '2', '--group_size', '2', '--r', '4', '--max_steps', '4'],
  ...['--max_length', '32', '--gradient_accumulation_steps', '1', '--val_size', '0.2', '--warmup_steps', '0'],
  ...['--learning_rate', '1e-2', '--eval_steps', '0'],
];

describeGpu('experts', () => {
  const folder = temporaryFolder();
  const path = (name: string, file = '') => join(folder, name, file);
  const data = path('data.jsonl');
  const train = (out: string, ...more: string[]) =>
    masaJson(['train', '--model', model, '--data', data, '--out', path(out), ...SETTINGS, ...more]);
  const experts = (run: string, ...more: string[]) => [
    ...['experts', '--model', model, '--data', data, '--adapter', path(run)],
    ...more,
  ];
  const report = async (run: string, ...more: string[]) =>
    (await masaJson(experts(run, ...more))) as unknown as ExpertReport;

  beforeAll(async () => {
    if (!hasSharedData) return;
    const records = Array.from({ length: 30 }, (_, i) => ({
      prompt: `Once upon a time there were ${i} ${i % 2 === 0 ? 'cats' : 'dogs'} and`,
      completion: ` they had ${(i * 7) % 10} toys.`,
      task: i % 2 === 0 ? 'cats' : 'dogs',
    }));
    writeFileSync(data, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
    await train('tied');
  });

  test.skipIf(!hasSharedData)('says which case the settings give, and shows it', async () => {
    const {
      case: found,
      rows,
      layers,
      modules,
      stacks,
      similarity,
      step,
    } = await report('tied', '--tokens', 'counted', '--rows', '64');
    expect(found).toMatchObject({ id: 'tied', knob: 'expert_mix' });
    expect(rows).toEqual({ count: 64, choice: 'counted', seed: 42, tasks: { cats: 32, dogs: 32 } });
    expect([layers, modules.length, step]).toEqual([[0, 1], 14, 4]);
    // Two experts of rank 4: one, or their sum, has 4 directions whatever it sees; both have 8.
    const ranks = modules.map(({ spectra: { single, sum, stack } }) => [
      ...single.map(({ rank }) => rank),
      ...[sum.rank, stack.rank],
    ]);
    for (const found of ranks) expect(found).toEqual([4, 4, 4, 8]);
    // One group of two layers: a stack a module, whose experts have moved and kept their initial difference.
    expect(stacks.map(({ module, layers }) => [module, layers])).toEqual(
      ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'].map((m) => [m, [0, 1]]),
    );
    for (const { distance, kept, direction, gradient_cosine } of stacks) {
      expect(gradient_cosine).toEqual({ from: 'algebra', values: [[1, 1], [1, 1]] }); // prettier-ignore
      // Equal updates of values of 0.1 in f32 leave their difference to about 1e-6 of it.
      expect(kept?.[0]?.[1]).toBeCloseTo(1, 5);
      expect(direction?.[0]?.[1]).toBeCloseTo(1, 5);
      expect(distance[0]?.[1]).toBeGreaterThan(0.5);
      expect([distance[0]?.[0], kept?.[0]?.[0]]).toEqual([0, null]);
    }
    for (const { a_outputs, increments } of similarity) {
      for (const { adjacent, mean, map } of [a_outputs, increments]) {
        expect(adjacent).toHaveLength(1);
        expect(mean).toBe(adjacent[0]);
        expect(map?.[0]?.[1]).toBe(mean);
        expect(mean).toBeGreaterThan(0);
        expect(mean).toBeLessThan(1);
      }
    }
  });

  test.skipIf(!hasSharedData)('measures the gradients that dropout masks of their own part', async () => {
    await train('pulled', '--lora_dropout', '0.5', '--dropout_mode', 'per_expert');
    const { case: found, stacks } = await report('pulled', '--module', 'q_proj,down_proj', '--rows', '8');
    expect(found.id).toBe('pulled_together');
    expect(stacks.map(({ module }) => module)).toEqual(['q_proj', 'down_proj']);
    for (const { gradient_cosine, kept } of stacks) {
      expect(gradient_cosine.from).toBe('measured');
      expect(gradient_cosine.values[0]?.[0]).toBeCloseTo(1, 6);
      // Each sees another random half of x, and much of what they see is the same in all tokens.
      expect(gradient_cosine.values[0]?.[1]).toBeGreaterThan(0.1);
      expect(gradient_cosine.values[0]?.[1]).toBeLessThan(0.99);
      expect(kept?.[0]?.[1]).not.toBe(1);
    }
  });

  test.skipIf(!hasSharedData)('has a table for people and files for others', async () => {
    const { code, out } = await masa(experts('tied', '--layer', '1', '--save', path('saved')));
    expect(code).toBe(0);
    expect(out).toMatch(/^The experts are tied: under a plain sum all of a group get the same gradient/);
    expect(out).toMatch(/Layer 1, 30 ends of prompts of 2 tasks:/);
    expect(out).toMatch(/\nq_proj +– +– +[123]\.\d+ /);
    expect(readdirSync(path('saved')).sort()).toEqual(['features.safetensors', 'report.json', 'rows.jsonl']);
    const lines = readFileSync(path('saved', 'rows.jsonl'), 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(30);
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ sample: 1, task: 'dogs' });
    expect(await refusal(experts('tied', '--save', path('saved')))).toMatch(/saved: the folder is not empty/);
  });

  test.skipIf(!hasSharedData)('looks on in a run now and then without changing its bits', async () => {
    await train('watched', '--expert_steps', '3');
    const adapterOf = (run: string) => readFileSync(path(run, 'adapter_native.safetensors'));
    expect(adapterOf('watched').equals(adapterOf('tied'))).toBe(true);
    const lines = readFileSync(path('watched', 'experts.jsonl'), 'utf8').trimEnd().split('\n');
    const reports = lines.map((line) => JSON.parse(line) as ExpertReport);
    expect(reports.map(({ step }) => step)).toEqual([0, 3, 4]);
    // B begins at zero: there is no increment to compare before the first step.
    expect(reports.map(({ similarity }) => similarity.at(-1)?.increments.mean === null)).toEqual([
      true,
      false,
      false,
    ]);
    expect(reports[0]?.stacks[0]?.kept?.[0]?.[1]).toBe(1);
  });

  test.skipIf(!hasSharedData)('refuses what does not exist', async () => {
    expect(await refusal(experts('tied', '--module', 'q'))).toMatch(
      /^--module: there is no module "q"; give/,
    );
    expect(await refusal(experts('tied', '--layer', '2'))).toMatch(
      /^layer: the model has no layer 2; give one/,
    );
    expect(await refusal(experts('tied', '--tokens', 'all'))).toMatch(/^--tokens: there is no choice "all"/);
  });
});
