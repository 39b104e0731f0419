import type { RunConfig } from '../../src/config/runConfig';
import { adapterLayout, type AdapterLayout } from '../../src/engine/adapters/layout';
import { memorySource } from '../../src/engine/formats/byteSource';
import { isFloatDtype, toFloat32 } from '../../src/engine/formats/dtypes';
import { openHfCheckpoint } from '../../src/engine/formats/hfCheckpoint';
import { openSafetensors, type SafetensorsFile } from '../../src/engine/formats/safetensors';
import type { Checkpoint } from '../../src/engine/model/checkpoint';
import type { MicroBatch } from '../reference/llama';
import { packedRows } from './packing';

/**
 * What a fixture of PyTorch's holds and how it is read. Only bytes come in, so that Node, Deno and a browser can all
 * read the same ones; `fixture.ts` brings them in Node.
 */

/** Bytes of a file, by its path in tests/fixtures (`masa/expected.json`). */
export type ReadFixture = (path: string) => Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>;

/** The knobs that a fixture's adapter depends on. */
export type FixtureAdapter = Pick<
  RunConfig,
  | 'method'
  | 'r'
  | 'lora_alpha'
  | 'num_experts'
  | 'group_size'
  | 'expert_mix'
  | 'top_k'
  | 'router_aux_loss_coef'
  | 'target_modules'
  | 'lora_dropout'
  | 'dropout_mode'
  | 'seed'
>;

export type FixtureTraining = Pick<
  RunConfig,
  'learning_rate' | 'lr_scheduler_type' | 'warmup_steps' | 'max_steps' | 'weight_decay' | 'max_grad_norm'
>;

/** Some dropout decisions as PyTorch's side made them: 1 where element 0, 1, … is kept. */
export interface DropoutCheck {
  readonly step: number;
  readonly micro: number;
  readonly layer: number;
  readonly module: RunConfig['target_modules'][number];
  readonly expert: number;
  readonly keeps: string;
}

interface Fixture {
  readonly name: string;
  readonly checkpoint: Checkpoint;
  readonly adapter: FixtureAdapter;
  readonly layout: AdapterLayout;
  /** Adapter before anything happens, flat in the order of `layout`. */
  readonly values: Float32Array<ArrayBuffer>;
}

/** One forward and backward by PyTorch autograd. */
export interface GradientFixture extends Fixture {
  /** What the dropout masks are keyed by, besides the adapter's seed. */
  readonly step: number;
  readonly micro: number;
  readonly batch: MicroBatch;
  /** Mean over the counted tokens. */
  readonly loss: number;
  /** [N, V]. */
  readonly logits: Float32Array<ArrayBuffer>;
  /** Of `loss`, flat in the order of `layout`. */
  readonly gradient: Float32Array<ArrayBuffer>;
  readonly dropoutCheck: readonly DropoutCheck[];
}

/** A run of torch.optim.AdamW with gradient accumulation over the batches of each step. */
export interface TrainingFixture extends Fixture {
  readonly training: FixtureTraining;
  readonly steps: readonly {
    readonly batches: readonly MicroBatch[];
    /** Mean over the counted tokens of all batches of the step, before its update. */
    readonly loss: number;
    /** Before clipping. */
    readonly gradNorm: number;
    readonly learningRate: number;
    /** The balance loss without its coefficient; undefined without routers. */
    readonly auxLoss: number | undefined;
  }[];
  /** Adapter after the last step. */
  readonly final: Float32Array<ArrayBuffer>;
}

/** What the settings of a method without routers say about them; fixtures may leave it out. */
export const UNROUTED = { expert_mix: 'sum', top_k: 0, router_aux_loss_coef: 0 } as const;

/** How the scripts write a fixture's numbers; see tests/fixtures/make_fixtures.py. */
interface StoredBatch {
  readonly lengths: readonly number[];
  readonly tokens: readonly number[];
  readonly targets: readonly number[];
}

interface StoredFacts {
  readonly adapter: Omit<FixtureAdapter, keyof typeof UNROUTED>;
  readonly step: number;
  readonly micro: number;
  readonly batch: StoredBatch;
  readonly loss: number;
  readonly dropout_check?: readonly DropoutCheck[];
  readonly training: FixtureTraining;
  readonly steps: readonly {
    readonly batches: readonly StoredBatch[];
    readonly loss: number;
    readonly grad_norm: number;
    readonly learning_rate: number;
    readonly router_aux_loss?: number;
  }[];
}

export const GRADIENT_FIXTURES = [
  'lora',
  'masa',
  'masa-llama3-subset',
  'masa-bf16',
  'lora-f16',
  'masa-f16',
  'masa-dropout-shared',
  'masa-dropout-per-expert',
] as const;

export const TRAINING_FIXTURES = ['train', 'train-dropout', 'train-lora'] as const;

/** With routers, which the float64 reference of the whole model and PEFT's LoRA do not have. */
export const ROUTED_GRADIENT_FIXTURES = ['lora-moe'] as const;
export const ROUTED_TRAINING_FIXTURES = ['train-hydralora'] as const;

export type GradientFixtureName = (typeof GRADIENT_FIXTURES | typeof ROUTED_GRADIENT_FIXTURES)[number];
export type TrainingFixtureName = (typeof TRAINING_FIXTURES | typeof ROUTED_TRAINING_FIXTURES)[number];

/** The files of a fixture's folder that are read. */
export const FIXTURE_FILES = ['config.json', 'model.safetensors', 'expected.json', 'expected.safetensors'];

/** One forward and backward, from the bytes of its files. */
export async function openGradientFixture(name: string, read: ReadFixture): Promise<GradientFixture> {
  const { facts, expected, ...fixture } = await open(name, read);
  const logits = await floats(expected, 'logits');
  const gradient = await flat(expected, 'grad', fixture.layout);
  const { step, micro, loss, dropout_check = [] } = facts;
  return {
    ...fixture,
    step,
    micro,
    batch: microBatch(facts.batch),
    loss,
    logits,
    gradient,
    dropoutCheck: dropout_check,
  };
}

/** A run of ten steps, from the bytes of its files. */
export async function openTrainingFixture(name: string, read: ReadFixture): Promise<TrainingFixture> {
  const { facts, expected, ...fixture } = await open(name, read);
  const steps = facts.steps.map(({ batches, loss, grad_norm, learning_rate, router_aux_loss }) => ({
    batches: batches.map(microBatch),
    loss,
    gradNorm: grad_norm,
    learningRate: learning_rate,
    auxLoss: router_aux_loss,
  }));
  return {
    ...fixture,
    training: facts.training,
    steps,
    final: await flat(expected, 'final', fixture.layout),
  };
}

async function open(name: string, read: ReadFixture) {
  const files = new Map(
    await Promise.all(
      FIXTURE_FILES.map(async (file) => {
        const bytes = await read(`${name}/${file}`);
        return [file, bytes] as const;
      }),
    ),
  );
  const source = (file: string) => memorySource(file, files.get(file) ?? new Uint8Array());
  const facts = JSON.parse(new TextDecoder().decode(files.get('expected.json'))) as StoredFacts;
  const expected = await openSafetensors(source('expected.safetensors'));
  const base = ['config.json', 'model.safetensors'];
  const checkpoint = await openHfCheckpoint({
    name,
    files: new Map(base.map((file) => [file, source(file)])),
  });
  const adapter: FixtureAdapter = { ...UNROUTED, ...facts.adapter };
  const layout = adapterLayout(adapter, checkpoint.config);
  const values = await flat(expected, 'adapter', layout);
  return { name, checkpoint, adapter, layout, values, facts, expected };
}

/** The tensors `<prefix>.<name>` of the layout in one flat buffer. */
async function flat(file: SafetensorsFile, prefix: string, layout: AdapterLayout) {
  const values = new Float32Array(layout.size);
  for (const { name, offset } of layout.tensors) values.set(await floats(file, `${prefix}.${name}`), offset);
  return values;
}

async function floats(file: SafetensorsFile, name: string): Promise<Float32Array<ArrayBuffer>> {
  const dtype = file.tensors.get(name)?.dtype;
  if (dtype === undefined || !isFloatDtype(dtype)) throw new Error(`${file.name} has no floating ${name}`);
  return toFloat32(await file.read(name), dtype);
}

function microBatch({ lengths, tokens, targets }: StoredBatch): MicroBatch {
  return { tokens, targets, ...packedRows(lengths) };
}
