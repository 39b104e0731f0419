import { readdirSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { RunConfig } from '../../src/config/runConfig';
import { adapterLayout, type AdapterLayout } from '../../src/engine/adapters/layout';
import { memorySource, type FileSet } from '../../src/engine/formats/byteSource';
import { isFloatDtype, toFloat32 } from '../../src/engine/formats/dtypes';
import { openHfCheckpoint } from '../../src/engine/formats/hfCheckpoint';
import { openSafetensors, type SafetensorsFile } from '../../src/engine/formats/safetensors';
import type { Checkpoint } from '../../src/engine/model/checkpoint';
import type { MicroBatch } from '../reference/llama';
import { packedRows } from './packing';

/** The knobs that a fixture's adapter depends on. */
export type FixtureAdapter = Pick<
  RunConfig,
  | 'method'
  | 'r'
  | 'lora_alpha'
  | 'num_experts'
  | 'group_size'
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
  }[];
  /** Adapter after the last step. */
  readonly final: Float32Array<ArrayBuffer>;
}

/** How the scripts write a fixture's numbers; see tests/fixtures/make_fixtures.py. */
interface StoredBatch {
  readonly lengths: readonly number[];
  readonly tokens: readonly number[];
  readonly targets: readonly number[];
}

interface StoredFacts {
  readonly adapter: FixtureAdapter;
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
  }[];
}

/** Where the fixtures lie; each is a Hugging Face folder. */
export const FIXTURES_FOLDER = resolve(import.meta.dirname, '../fixtures');

export const GRADIENT_FIXTURES = [
  'lora',
  'masa',
  'masa-llama3-subset',
  'masa-bf16',
  'lora-f16',
  'masa-dropout-shared',
  'masa-dropout-per-expert',
] as const;

export const TRAINING_FIXTURES = ['train', 'train-dropout'] as const;

export async function gradientFixture(name: (typeof GRADIENT_FIXTURES)[number]): Promise<GradientFixture> {
  const { facts, expected, ...fixture } = await open(name);
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

export async function trainingFixture(name: (typeof TRAINING_FIXTURES)[number]): Promise<TrainingFixture> {
  const { facts, expected, ...fixture } = await open(name);
  const steps = facts.steps.map(({ batches, loss, grad_norm, learning_rate }) => ({
    batches: batches.map(microBatch),
    loss,
    gradNorm: grad_norm,
    learningRate: learning_rate,
  }));
  return {
    ...fixture,
    training: facts.training,
    steps,
    final: await flat(expected, 'final', fixture.layout),
  };
}

/** Factors of transformers' learning-rate schedules, one per step. */
export function scheduleFixture() {
  return JSON.parse(readFileSync(resolve(FIXTURES_FOLDER, 'schedules.json'), 'utf8')) as {
    readonly type: RunConfig['lr_scheduler_type'];
    readonly warmup_steps: number;
    readonly max_steps: number;
    readonly factors: readonly number[];
  }[];
}

/** All weights of a checkpoint as float64, by Hugging Face name. */
export async function referenceWeights(checkpoint: Checkpoint): Promise<Map<string, Float64Array>> {
  const weights = new Map<string, Float64Array>();
  for (const [name, tensor] of checkpoint.tensors) {
    const bytes = tensor.shape.reduce((product, size) => product * size, tensor.dtype === 'F32' ? 4 : 2);
    weights.set(name, Float64Array.from(toFloat32(await tensor.read(0, bytes), tensor.dtype)));
  }
  return weights;
}

async function open(name: string) {
  const folder = resolve(FIXTURES_FOLDER, name);
  const facts = JSON.parse(readFileSync(resolve(folder, 'expected.json'), 'utf8')) as StoredFacts;
  const expected = await openSafetensors(fileSource(resolve(folder, 'expected.safetensors')));
  const checkpoint = await openHfCheckpoint(fixtureFiles(name));
  const layout = adapterLayout(facts.adapter, checkpoint.config);
  const values = await flat(expected, 'adapter', layout);
  return { name, checkpoint, adapter: facts.adapter, layout, values, facts, expected };
}

/** The files of a fixture's base model. */
function fixtureFiles(name: string): FileSet {
  const folder = resolve(FIXTURES_FOLDER, name);
  return {
    name,
    files: new Map(readdirSync(folder).map((file) => [file, fileSource(resolve(folder, file))])),
  };
}

function fileSource(path: string) {
  return memorySource(basename(path), new Uint8Array(readFileSync(path)));
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
