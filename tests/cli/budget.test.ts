import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bundledModel } from '../../src/cli/scenario';
import { METHODS } from '../../src/engine';
import { masa, masaJson, refusal, temporaryFolder } from '../support/cli';

/** A folder that holds nothing but the config.json of LLaMA-3-8B. */
function llama3(folder: string): string {
  mkdirSync(folder);
  const config = {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_act: 'silu',
    vocab_size: 128_256,
    hidden_size: 4096,
    intermediate_size: 14_336,
    num_hidden_layers: 32,
    num_attention_heads: 32,
    num_key_value_heads: 8,
    rms_norm_eps: 1e-5,
    rope_theta: 500_000,
    max_position_embeddings: 8192,
  };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  return folder;
}

describe('masa budget', () => {
  const parent = temporaryFolder();
  const model = llama3(join(parent, 'llama-3-8b'));
  const paper = [
    '--model',
    model,
    '--method',
    'masa',
    '--num_experts',
    '4',
    '--group_size',
    '4',
    '--r',
    '16',
  ];

  test('counts every method from config.json alone, MASA with a router too', async () => {
    const { settings, methods } = await masaJson(['budget', ...paper]);
    expect(settings).toMatchObject({
      method: 'masa',
      trainable_weights: 41_943_040,
      adapter_bytes: 167_772_160,
    });
    const rows = methods as { method: keyof typeof METHODS; expert_mix: string | null; match?: object }[];
    expect(rows.map(({ method, expert_mix }) => [method, expert_mix])).toEqual(
      Object.keys(METHODS).flatMap((id) =>
        id === 'masa'
          ? [
              [id, 'sum'],
              [id, 'router'],
            ]
          : [[id, null]],
      ),
    );
    const lora = rows.find(({ method }) => method === 'lora');
    expect(lora).toMatchObject({ trainable_weights: 41_943_040, num_experts: null, group_size: null });
    expect(lora).not.toHaveProperty('match');
    // Routers: L·E·Σ in = 32 · 4 · (6 · 4096 + 14,336) more.
    expect(rows[2]).toMatchObject({ expert_mix: 'router', trainable_weights: 41_943_040 + 128 * 38_912 });
  });

  test('finds the r of every method with --match, at the same scale, and says how far off it is', async () => {
    const { methods } = await masaJson(['budget', ...paper, '--lora-alpha', '24', '--match']);
    for (const { method, match } of methods as { method: string; match: Record<string, number> }[]) {
      expect(match['lora_alpha']! / match['r']!).toBeCloseTo(1.5, 12);
      expect(match['ratio']).toBe(match['trainable_weights']! / 41_943_040);
      expect(match['group_size']).toBe(method === 'masa' ? 4 : null);
    }
    const { out } = await masa(['budget', '--match', ...paper]);
    expect(out).toMatch(/^lora +16 +- +- +41,943,040 +0\.52 % +167,772,160 +16 +exactly as many$/m);
    expect(out).toMatch(/^lora_moe +4 +4 +- +46,923,776 +0\.58 % .* 12 % more$/m);
    expect(out).toContain('Closest to the 41,943,040 of masa, sum, with lora_alpha / r at 1:');
  });

  test('may vary E and S, which comes closer', async () => {
    const ratios = async (match: string) => {
      const { methods } = await masaJson(['budget', ...paper, '--match', match]);
      return (methods as { match: { ratio: number } }[]).map(({ match: { ratio } }) => Math.abs(ratio - 1));
    };
    const byRank = await ratios('r');
    const byAll = await ratios('num-experts,group_size');
    for (const [index, off] of byAll.entries()) expect(off).toBeLessThanOrEqual(byRank[index]!);
    expect(byAll.at(-1)).toBeLessThan(byRank.at(-1)!);
  });

  test('counts only the modules that are adapted, of a bundled checkpoint as of config.json by its own path', async () => {
    const flags = ['--target-modules', 'q_proj,v_proj'];
    const whole = await masaJson(['budget', '--model', bundledModel('world'), ...flags]);
    const file = await masaJson(['budget', '--model', join(bundledModel('world'), 'config.json'), ...flags]);
    expect(file).toEqual(whole);
    expect(whole).toMatchObject({ settings: { target_modules: ['q_proj', 'v_proj'] } });
  });

  test.each([
    [
      ['--match', 'lora_alpha'],
      '--match: "lora_alpha" is nothing that it can change; give some of r, num_experts,',
    ],
    [['--group_size', '33'], 'group_size: 33 is more than the model’s 32 layers;'],
    [['--r', '0'], 'r: 0 is too small;'],
  ])('refuses %j with one sentence', async (flags, sentence) => {
    expect(await refusal(['budget', '--model', model, ...flags])).toContain(sentence);
  });

  test('refuses a folder that is no checkpoint', async () => {
    expect(await refusal(['budget', '--model', parent])).toContain('there is no checkpoint here');
  });
});
