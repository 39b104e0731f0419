import { describe, expect, test } from 'vitest';
import type { AdapterConfig } from '../../../src/engine/adapters/adapter';
import { UserError } from '../../../src/config/errors';
import { requireSameBase } from '../../../src/engine/export/adapterBase';
import { readNativeAdapter, writeNativeAdapter } from '../../../src/engine/export/nativeAdapter';
import { openAdapter } from '../../../src/engine/export/openAdapter';
import { memorySource } from '../../../src/engine/formats/byteSource';
import { openSafetensors, writeSafetensors } from '../../../src/engine/formats/safetensors';
import { fileSet } from '../../support/fileSet';
import { BASE, makeAdapter, MODEL } from './adapters';

const NAME = 'adapter_native.safetensors';
const read = (bytes: Uint8Array<ArrayBuffer>) => readNativeAdapter(memorySource(NAME, bytes));

test.each<Partial<AdapterConfig>>([
  { method: 'masa' },
  { method: 'masa', expert_mix: 'mean' },
  { method: 'masa', expert_mix: 'router', top_k: 2 },
  { method: 'lora' },
  { method: 'hydralora', router_aux_loss_coef: 0.5 },
  { method: 'lora_moe' },
])('an adapter with %o comes back to the bit', async (settings) => {
  const adapter = makeAdapter(settings);
  adapter.values.set([-0, 2 ** -149, 3.4028234663852886e38]);
  const again = await read(writeNativeAdapter(adapter));
  expect(again).toEqual(adapter);
  const bits = (values: Float32Array<ArrayBuffer>) => new Uint32Array(values.buffer);
  expect(bits(again.values)).toEqual(bits(adapter.values));
});

test('tensors have the names of the layout, and the metadata say where they come from', async () => {
  const file = await openSafetensors(memorySource(NAME, writeNativeAdapter(makeAdapter())));
  // 3 groups (2 + 2 + 1 layers) of 3 modules of 3 experts, and 5 layers of 3 modules.
  expect(file.tensors.size).toBe(3 * 3 * 3 + 5 * 3);
  expect(file.tensors.get('groups.2.self_attn.q_proj.lora_A.1.weight')).toMatchObject({ shape: [2, 8] });
  expect(file.tensors.get('layers.4.mlp.down_proj.lora_B.weight')).toMatchObject({ shape: [8, 2] });
  expect([...file.metadata.keys()].sort()).toEqual(
    ['adapter_config', 'base_model', 'format', 'masa_adapter_version', 'note', 'steps'].sort(),
  );
});

test('the B of every expert and the router have tensors of their own', async () => {
  const bytes = writeNativeAdapter(makeAdapter({ method: 'lora_moe' }));
  const { tensors } = await openSafetensors(memorySource(NAME, bytes));
  // 5 layers of 3 modules of 3 pairs and a router.
  expect(tensors.size).toBe(5 * 3 * (3 + 3 + 1));
  expect(tensors.get('groups.4.self_attn.q_proj.lora_A.2.weight')).toMatchObject({ shape: [2, 8] });
  expect(tensors.get('layers.4.mlp.down_proj.lora_B.2.weight')).toMatchObject({ shape: [8, 2] });
  expect(tensors.get('layers.4.mlp.down_proj.lora_route.weight')).toMatchObject({ shape: [3, 12] });
});

/** The file with its metadata or tensors changed. */
async function altered(
  change: Record<string, string>,
  tensors: (name: string, bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer> | undefined = (_, b) =>
    b,
): Promise<Uint8Array<ArrayBuffer>> {
  const file = await openSafetensors(memorySource(NAME, writeNativeAdapter(makeAdapter())));
  const kept = [];
  for (const [name, { dtype, shape }] of file.tensors) {
    const bytes = tensors(name, (await file.read(name)).slice());
    if (bytes !== undefined) kept.push({ name, dtype, shape, bytes });
  }
  return writeSafetensors(kept, { ...Object.fromEntries(file.metadata), ...change });
}

describe('a native adapter is refused', () => {
  const config = makeAdapter().config;
  const settings = (change: object) => ({ adapter_config: JSON.stringify({ ...config, ...change }) });
  const infinite = new Uint8Array(Float32Array.of(Infinity).buffer);
  test.each<[string, () => Promise<Uint8Array<ArrayBuffer>>, string]>([
    ['of another version', () => altered({ masa_adapter_version: '2' }), 'has version 2, only 1 is known'],
    ['without settings', () => altered({ adapter_config: 'x' }), '"adapter_config" is missing or not a JSON'],
    ['without a base', () => altered({ base_model: '{}' }), '"base_model" lacks'],
    ['with E = 0', () => altered(settings({ num_experts: 0 })), 'num_experts: 0 is too small'],
    ['with S > L', () => altered(settings({ group_size: 6 })), 'group_size: 6 is more than'],
    ['of another method', () => altered(settings({ method: 'dora' })), 'method: "dora"'],
    ['without targets', () => altered(settings({ target_modules: [] })), 'target_modules: no module'],
    [
      'with more experts than tensors',
      () => altered(settings({ num_experts: 4 })),
      'lora_A.3.weight is missing',
    ],
    ['with fewer experts than tensors', () => altered(settings({ num_experts: 2 })), 'do not ask for'],
    ['with another rank', () => altered(settings({ r: 4 })), 'is F32 [2, 8], not F32 [4, 8]'],
    [
      'without a tensor',
      () => altered({}, (name, bytes) => (name.startsWith('layers.3.mlp') ? undefined : bytes)),
      'the tensor layers.3.mlp.down_proj.lora_B.weight is missing',
    ],
    [
      'with an infinite weight',
      () =>
        altered({}, (name, bytes) => {
          if (name.startsWith('layers.3.mlp')) bytes.set(infinite, 8);
          return bytes;
        }),
      'layers.3.mlp.down_proj.lora_B.weight holds a value that is not a finite number',
    ],
    [
      'that is some other file',
      () => Promise.resolve(writeSafetensors([])),
      'not an adapter of this program',
    ],
  ])('%s', async (_, make, sentence) => {
    const error: unknown = await read(await make()).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toContain(sentence);
    expect((error as UserError).subject).toBe(NAME);
  });

  test('with a weight that is not finite, when it is written', () => {
    const adapter = makeAdapter();
    adapter.values[3] = NaN;
    expect(() => writeNativeAdapter(adapter)).toThrow(
      'groups.0.self_attn.q_proj.lora_A.0.weight holds a value',
    );
  });
});

describe('an adapter and a base model', () => {
  const folder = fileSet({ [NAME]: writeNativeAdapter(makeAdapter()) }, 'run-1');

  test('that belong together are opened together', async () => {
    expect((await openAdapter(folder, BASE)).base.name).toBe('tiny-llama');
    expect(() => {
      requireSameBase('run-1', makeAdapter(), { ...BASE, name: 'renamed' });
    }).not.toThrow();
  });

  test.each([
    ['other weights', { ...BASE, name: 'b', fingerprint: '0' }, 'whose weights differ from those of b'],
    ['other shapes', { ...BASE, config: { ...MODEL, layers: 6 } }, 'which has 5 layers, width 8'],
  ])('with %s are refused', async (_, base, sentence) => {
    const error: unknown = await openAdapter(folder, base).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toContain('run-1: this adapter was trained on another base model');
    expect((error as UserError).message).toContain(sentence);
  });

  test('are not found in an empty folder', async () => {
    await expect(openAdapter(fileSet({}), BASE)).rejects.toThrow('folder: there is no adapter here');
  });
});
