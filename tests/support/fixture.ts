import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { RunConfig } from '../../src/config/runConfig';
import { toFloat32 } from '../../src/engine/formats/dtypes';
import type { Checkpoint } from '../../src/engine/model/checkpoint';
import {
  openGradientFixture,
  openTrainingFixture,
  type GradientFixture,
  type GradientFixtureName,
  type TrainingFixture,
  type TrainingFixtureName,
} from './fixtureFormat';

/** Where the fixtures lie; each is a Hugging Face folder. */
export const FIXTURES_FOLDER = resolve(import.meta.dirname, '../fixtures');

export function gradientFixture(name: GradientFixtureName): Promise<GradientFixture> {
  return openGradientFixture(name, readFixture);
}

export function trainingFixture(name: TrainingFixtureName): Promise<TrainingFixture> {
  return openTrainingFixture(name, readFixture);
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

function readFixture(path: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(resolve(FIXTURES_FOLDER, path)));
}
