import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, it } from 'vitest';
import { MODULES } from '../../../src/config/modules';
import { openFolder } from '../../../src/cli/files';
import {
  adapterConfig,
  adapterLayout,
  attachAdapter,
  loadBaseModel,
  logits,
  openDevice,
  type AdapterConfig,
  type GpuDevice,
} from '../../../src/engine';
import { writePeft } from '../../../src/engine/export/peft';
import { openHfCheckpoint } from '../../../src/engine/formats/hfCheckpoint';
import { assertClose } from '../../reference/compare';
import { describeGpu, testGpu } from '../../support/dawn';
import { FIXTURES_FOLDER, gradientFixture } from '../../support/fixture';
import { GRADIENT_FIXTURES } from '../../support/fixtureFormat';
import { describePython } from '../../support/python';
import { pythonLogits, type PythonLogits } from '../../support/pythonLogits';
import { randomIntegers, randomValues } from '../../support/random';
import { hasSharedData, sharedData } from '../../support/sharedData';

/** What the product promises; both sides compute in f32, PEFT with the experts summed before it multiplies. */
const PROMISED = { maxAbs: 1e-4 };

/** Below the vocabulary of every model here. */
const ids = Array.from(randomIntegers(50, 60, 1));

interface Case {
  readonly name: string;
  /** Hugging Face folder of the base. */
  readonly model: string;
  readonly config: AdapterConfig;
  readonly values: Float32Array<ArrayBuffer>;
}

describePython('an exported adapter, loaded by peft', () => {
  describeGpu('gives the logits that the engine gives with it', () => {
    const root = join(tmpdir(), `masa-peft-${process.pid}`);
    const names = [...GRADIENT_FIXTURES.filter((name) => !name.includes('dropout')), 'trained'] as const;
    const cases = new Map<string, Case>();
    const theirs = new Map<string, PythonLogits>();
    let gpu: GpuDevice;

    beforeAll(async () => {
      mkdirSync(root);
      for (const name of names) {
        if (name === 'trained' && !hasSharedData) continue;
        const item = name === 'trained' ? await trainedCase() : await fixtureCase(name);
        cases.set(name, item);
        mkdirSync(join(root, name));
        for (const [file, bytes] of writePeft(await adapterOf(item))) {
          writeFileSync(join(root, name, file), bytes);
        }
      }
      const jobs = Array.from(cases, ([name, { model }]) => {
        return { model, peft: join(root, name), ids, out: join(root, `${name}.safetensors`) };
      });
      const results = await pythonLogits(jobs);
      [...cases.keys()].forEach((name, i) => theirs.set(name, results[i]!));
      gpu = await openDevice((await testGpu())!);
    });
    afterAll(() => {
      rmSync(root, { recursive: true });
    });

    for (const name of names) {
      it.skipIf(name === 'trained' && !hasSharedData)(`on the base of "${name}"`, async () => {
        const { model, config, values } = cases.get(name)!;
        const base = await loadBaseModel(gpu, await openHfCheckpoint(await openFolder(model)));
        const adapter = await attachAdapter(gpu, base.config, config, values);
        assertClose(await logits(base, ids, adapter), theirs.get(name)!.logits, PROMISED, 'logits');
        adapter.destroy();
        base.destroy();
      });
    }
  });
});

async function fixtureCase(name: (typeof GRADIENT_FIXTURES)[number]): Promise<Case> {
  const { adapter, values } = await gradientFixture(name);
  return { name, model: join(FIXTURES_FOLDER, name), config: adapterConfig(adapter), values };
}

/** Every weight of the adapter random, B as large as A: a stronger adapter than training makes. */
async function trainedCase(): Promise<Case> {
  const model = sharedData('checkpoints/story-llama-hf');
  const config: AdapterConfig = {
    method: 'masa',
    num_experts: 3,
    group_size: 2,
    expert_mix: 'sum',
    top_k: 0,
    router_aux_loss_coef: 0,
    r: 8,
    lora_alpha: 16,
    lora_dropout: 0,
    dropout_mode: 'shared',
    target_modules: MODULES,
  };
  const checkpoint = await openHfCheckpoint(await openFolder(model));
  const { size } = adapterLayout(config, checkpoint.config);
  return { name: 'trained', model, config, values: Float32Array.from(randomValues(size, 1, 0.05)) };
}

async function adapterOf({ name, model, config, values }: Case) {
  const checkpoint = await openHfCheckpoint(await openFolder(model));
  return { config, values, base: { name, fingerprint: undefined, config: checkpoint.config }, metadata: {} };
}
