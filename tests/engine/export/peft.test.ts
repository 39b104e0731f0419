import { describe, expect, test } from 'vitest';
import { openFolder } from '../../../src/cli/files';
import { UserError } from '../../../src/config/errors';
import type { Adapter } from '../../../src/engine/adapters/adapter';
import { adapterLayout } from '../../../src/engine/adapters/layout';
import { openAdapter } from '../../../src/engine/export/openAdapter';
import { verifyPeft, writePeft } from '../../../src/engine/export/peft';
import { importPeft } from '../../../src/engine/export/peftImport';
import { memorySource, type FileSet } from '../../../src/engine/formats/byteSource';
import { fromFloat32, toFloat32, type FloatDtype } from '../../../src/engine/formats/dtypes';
import { openSafetensors, writeSafetensors } from '../../../src/engine/formats/safetensors';
import { fileSet } from '../../support/fileSet';
import { hasSharedData, sharedData } from '../../support/sharedData';
import { BASE, makeAdapter, MODEL } from './adapters';

const folderOf = (adapter: Adapter): FileSet => fileSet(Object.fromEntries(writePeft(adapter)), 'peft');
const weightsOf = (folder: FileSet) => openSafetensors(folder.files.get('adapter_model.safetensors')!);

/** Values of one tensor of the native layout. */
function native(adapter: Adapter, name: string): Float32Array {
  const tensor = adapterLayout(adapter.config, MODEL).tensors.find((candidate) => candidate.name === name)!;
  return adapter.values.slice(tensor.offset, tensor.offset + tensor.shape[0] * tensor.shape[1]);
}

test('the config holds what every consumer needs, sorted and indented as PEFT does', () => {
  const text = new TextDecoder().decode(writePeft(makeAdapter(), 'org/tiny').get('adapter_config.json'));
  const config = JSON.parse(text) as Record<string, unknown>;
  expect(config).toEqual({
    alpha_pattern: {},
    base_model_name_or_path: 'org/tiny',
    bias: 'none',
    exclude_modules: null,
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    layers_pattern: null,
    layers_to_transform: null,
    lora_alpha: 5,
    lora_dropout: 0.25,
    modules_to_save: null,
    peft_type: 'LORA',
    r: 2,
    rank_pattern: {},
    revision: null,
    target_modules: ['q_proj', 'o_proj', 'down_proj'],
    task_type: 'CAUSAL_LM',
    use_dora: false,
    use_rslora: false,
  });
  expect(Object.keys(config)).toEqual(Object.keys(config).sort());
  expect(text.startsWith('{\n  "alpha_pattern": {},\n')).toBe(true);
});

test('every layer gets its own B and the sum of its group of A, the short last group too', async () => {
  const adapter = makeAdapter();
  const weights = await weightsOf(folderOf(adapter));
  expect(weights.tensors.size).toBe(5 * 3 * 2);
  for (let layer = 0; layer < 5; layer++) {
    for (const path of ['self_attn.q_proj', 'self_attn.o_proj', 'mlp.down_proj']) {
      const stem = `base_model.model.model.layers.${layer}.${path}`;
      const a = toFloat32(await weights.read(`${stem}.lora_A.weight`), 'F32');
      const group = Math.floor(layer / 2);
      const experts = [0, 1, 2].map((e) => native(adapter, `groups.${group}.${path}.lora_A.${e}.weight`));
      const expected = a.map((_, i) => experts[0]![i]! + experts[1]![i]! + experts[2]![i]!);
      expect(a).toEqual(expected);
      const b = toFloat32(await weights.read(`${stem}.lora_B.weight`), 'F32');
      expect(b).toEqual(native(adapter, `layers.${layer}.${path}.lora_B.weight`));
    }
  }
});

test('the sum over experts is rounded once', async () => {
  const adapter = makeAdapter({ target_modules: ['q_proj'] });
  const { tensors } = adapterLayout(adapter.config, MODEL);
  // 1 + 2⁻²⁴ + 2⁻²⁴ in f32, added one by one, is 1: each half of the last bit is lost.
  [1, 2 ** -24, 2 ** -24].forEach((value, expert) => (adapter.values[tensors[expert]!.offset] = value));
  const weights = await weightsOf(folderOf(adapter));
  const name = 'base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight';
  expect(toFloat32(await weights.read(name), 'F32')[0]).toBe(1 + 2 ** -23);
});

test('the mean is folded into A', async () => {
  const summed = makeAdapter({ r: 1, target_modules: ['q_proj'] });
  const mean = makeAdapter({ r: 1, target_modules: ['q_proj'], expert_mix: 'mean' });
  const name = 'base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight';
  const [ours, sums] = await Promise.all(
    [mean, summed].map(async (adapter) =>
      toFloat32(await (await weightsOf(folderOf(adapter))).read(name), 'F32'),
    ),
  );
  // Both are rounded once, to half a unit of f32's last place.
  ours!.forEach((value, i) => {
    expect(Math.abs(value * 3 - sums![i]!)).toBeLessThanOrEqual(2 ** -22 * Math.abs(sums![i]!));
  });
});

test.each([
  { method: 'hydralora' },
  { method: 'lora_moe' },
  { method: 'masa', expert_mix: 'router' },
] as const)('an adapter with routers is refused: %o', (settings) => {
  expect(() => writePeft(makeAdapter(settings))).toThrow(
    /^export: the routers of .* no LoRA file can express; keep adapter_native\.safetensors/,
  );
});

test('the folder is checked after it is written', async () => {
  const adapter = makeAdapter();
  const files = writePeft(adapter);
  await expect(verifyPeft(folderOf(adapter), adapter)).resolves.toBeUndefined();
  const weights = files.get('adapter_model.safetensors')!.slice();
  weights[weights.length - 3]! ^= 1;
  const change = (content: object) => fileSet({ ...Object.fromEntries(files), ...content });
  await expect(verifyPeft(change({ 'adapter_model.safetensors': weights }), adapter)).rejects.toThrow(
    'differs',
  );
  await expect(
    verifyPeft(change({ 'adapter_model.safetensors': writeSafetensors([]) }), adapter),
  ).rejects.toThrow('0 tensors instead of 30');
  await expect(
    verifyPeft(change({ 'adapter_config.json': { r: 2, lora_alpha: 6 } }), adapter),
  ).rejects.toThrow('another r or lora_alpha');
  await expect(
    verifyPeft(folderOf(adapter), { ...adapter, values: adapter.values.map((v) => v * 2) }),
  ).rejects.toThrow('differs');
});

test('the model card has the front matter of the Hub and survives odd notes', () => {
  const card = new TextDecoder().decode(writePeft(makeAdapter()).get('README.md'));
  expect(card.startsWith('---\nbase_model: "tiny-llama"\nlibrary_name: peft\n')).toBe(true);
  expect(card).toContain('  - "base_model:adapter:tiny-llama"');
  expect(card).toContain('| num_experts (E) | 3 |');
  expect(card).toContain('| note | ü \\| "x" |');
});

test('an adapter that diverged is not exported', () => {
  const adapter = makeAdapter();
  adapter.values[adapter.values.length - 1] = -Infinity;
  expect(() => writePeft(adapter)).toThrow(UserError);
});

describe('a PEFT folder', () => {
  test('of this program comes back as the LoRA adapter that it is', async () => {
    const adapter = makeAdapter();
    const lora = await openAdapter(folderOf(adapter), BASE);
    expect(lora.config).toEqual({
      ...adapter.config,
      method: 'lora',
      num_experts: 1,
      group_size: 1,
      dropout_mode: 'shared',
    });
    await expect(verifyPeft(folderOf(adapter), lora)).resolves.toBeUndefined();
    expect(await weightsOf(folderOf(lora))).toMatchObject({
      tensors: (await weightsOf(folderOf(adapter))).tensors,
    });
  });

  /** A folder as PEFT writes it: a LoRA adapter on q_proj, with the weights in some dtype. */
  function foreign(
    config: object = {},
    dtype: Exclude<FloatDtype, 'F64'> = 'F32',
    drop = '',
    extra = '',
  ): FileSet {
    const name = (layer: number, side: string) =>
      `base_model.model.model.layers.${layer}.self_attn.q_proj.lora_${side}.weight`;
    const tensor = (tensorName: string, shape: number[]) => ({
      name: tensorName,
      dtype,
      shape,
      bytes: fromFloat32(
        Float32Array.from({ length: shape[0]! * shape[1]! }, (_, i) => i / 4),
        dtype,
      ),
    });
    const tensors = [0, 1, 2, 3, 4]
      .flatMap((layer) => [tensor(name(layer, 'A'), [2, 8]), tensor(name(layer, 'B'), [12, 2])])
      .concat(extra === '' ? [] : [tensor(extra, [2, 8])])
      .filter((item) => item.name !== drop);
    return fileSet({
      'adapter_config.json': {
        peft_type: 'LORA',
        r: 2,
        lora_alpha: 4,
        target_modules: ['q_proj'],
        ...config,
      },
      'adapter_model.safetensors': writeSafetensors(tensors),
    });
  }

  test.each(['F32', 'F16', 'BF16'] as const)('of another program is read, weights in %s', async (dtype) => {
    const adapter = await importPeft(foreign({}, dtype), BASE);
    expect(adapter.config).toMatchObject({ r: 2, lora_alpha: 4, target_modules: ['q_proj'] });
    expect([...native(adapter, 'groups.4.self_attn.q_proj.lora_A.0.weight')].slice(0, 4)).toEqual([
      0, 0.25, 0.5, 0.75,
    ]);
  });

  test('with rank-stabilised scaling has alpha / √r folded into alpha', async () => {
    const { config } = await importPeft(foreign({ use_rslora: true }), BASE);
    expect(config.lora_alpha / config.r).toBeCloseTo(4 / Math.sqrt(2), 12);
  });

  test.each([['all-linear'], ['.*\\.(q|v)_proj'], [['self_attn.q_proj', 'lm_head']], [null]])(
    'may name its targets as %j',
    async (targets) => {
      const { config } = await importPeft(foreign({ target_modules: targets }), BASE);
      expect(config.target_modules).toEqual(['q_proj']);
    },
  );

  const layer2 = 'base_model.model.model.layers.2.self_attn';
  test.each<[string, FileSet, string]>([
    ['of another kind', foreign({ peft_type: 'LOHA' }), 'adapter_config.json, peft_type: "LOHA"'],
    ['with DoRA', foreign({ use_dora: true }), 'adapter_config.json, use_dora: true is not supported'],
    ['with biases', foreign({ bias: 'all' }), 'adapter_config.json, bias: "all"'],
    ['with rank_pattern', foreign({ rank_pattern: { q_proj: 4 } }), 'adapter_config.json, rank_pattern'],
    ['with alpha_pattern', foreign({ alpha_pattern: { q_proj: 4 } }), 'adapter_config.json, alpha_pattern'],
    [
      'with modules_to_save',
      foreign({ modules_to_save: ['lm_head'] }),
      'adapter_config.json, modules_to_save',
    ],
    ['with layers_to_transform', foreign({ layers_to_transform: [0] }), 'layers_to_transform: [0]'],
    ['with r 0', foreign({ r: 0 }), 'adapter_config.json, r: 0'],
    ['with another r than its tensors', foreign({ r: 4 }), 'which does not fit r 4'],
    ['with a pattern that is none', foreign({ target_modules: '(' }), 'target_modules: "("'],
    ['with a tensor that is not targeted', foreign({ target_modules: ['v_proj'] }), 'does not name'],
    [
      'without a tensor',
      foreign({}, 'F32', `${layer2}.q_proj.lora_B.weight`),
      `${layer2}.q_proj.lora_B.weight is missing`,
    ],
    [
      'with an embedding',
      foreign({}, 'F32', '', 'base_model.model.lm_head.lora_A.weight'),
      'lm_head.lora_A.weight does not',
    ],
    [
      'without the prefix of its names',
      foreign({}, 'F32', '', 'model.layers.0.self_attn.q_proj.lora_A.weight'),
      'does not',
    ],
    [
      'without weights',
      fileSet({ 'adapter_config.json': { peft_type: 'LORA' } }),
      'adapter_model.safetensors is missing',
    ],
  ])('is refused %s', async (_, files, sentence) => {
    const error: unknown = await importPeft(files, BASE).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toContain(sentence);
  });

  test('is refused on a base of other shapes, or of other weights where it knows them', async () => {
    const wider = { ...BASE, config: { ...MODEL, hiddenSize: 10 } };
    await expect(importPeft(foreign(), wider)).rejects.toThrow('is [2, 8] and tiny-llama asks for [2, 10]');
    const deeper = { ...BASE, config: { ...MODEL, layers: 6 } };
    await expect(importPeft(foreign(), deeper)).rejects.toThrow('it has 5 layers and tiny-llama has 6');
    const other = { ...BASE, fingerprint: '0' };
    await expect(importPeft(folderOf(makeAdapter()), other)).rejects.toThrow('its weights differ');
    await expect(importPeft(foreign(), other)).resolves.toBeDefined();
  });

  test('with a weight that is not finite is refused', async () => {
    const folder = folderOf(makeAdapter());
    const source = folder.files.get('adapter_model.safetensors')!;
    const bytes = (await source.read(0, source.size)).slice();
    bytes.set(new Uint8Array(Float32Array.of(NaN).buffer), bytes.length - 4);
    const broken: FileSet = {
      ...folder,
      files: new Map([...folder.files, [source.name, memorySource(source.name, bytes)]]),
    };
    await expect(importPeft(broken, BASE)).rejects.toThrow('not a finite number');
  });

  test.skipIf(!hasSharedData)('of a Gemma model is refused on a LLaMA base', async () => {
    const folder = await openFolder(sharedData('adapters/gemma3-270m-r4-qkvo'));
    const error: unknown = await importPeft(folder, BASE).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toMatch(/trained on another base model \(it names .*gemma3-270m\)/);
  });
});
