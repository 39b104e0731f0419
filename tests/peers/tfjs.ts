import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import '@tensorflow/tfjs-backend-webgpu';
import type { Step } from './engine';
import {
  ADAMW,
  BLOCK_SHAPES,
  byName,
  embedded,
  HEAD_DIM,
  HEADS,
  LINEAR_NAMES,
  NORM_EPSILON,
  oneHotTargets,
  RANK,
  rotations,
  ROWS,
  SCALE,
  VOCABULARY,
  WIDTH,
  type AdaptedLinear,
  type Floats,
  type LinearName,
  type Llama,
  type Stack,
} from './workloads';

/** Both steps on tfjs and its WebGPU backend. It has Adam without decay: the decay is done by hand before it. */
interface Linear {
  readonly weight: tf.Tensor;
  readonly a: tf.Variable;
  readonly b: tf.Variable;
}

/** The step of W1. */
export async function openStack(stack: Stack): Promise<Step> {
  await start();
  const x = tf.tensor(stack.x, [ROWS, WIDTH]);
  const y = tf.tensor(stack.y, [ROWS, WIDTH]);
  const layers = stack.layers.map((layer) => upload(layer, WIDTH, WIDTH));
  return training(layers, () => {
    const out = layers.reduce((h, layer) => silu(linear(h, layer)), x);
    return tf.mean(tf.square(out.sub(y)));
  });
}

/** The step of W2. */
export async function openLlama(llama: Llama): Promise<Step> {
  await start();
  const x = tf.tensor(embedded(llama), [ROWS, WIDTH]);
  const targets = tf.tensor(oneHotTargets(llama), [ROWS, VOCABULARY]);
  const head = tf.tensor(llama.head, [WIDTH, VOCABULARY]);
  const layers = llama.layers.map((layer) => byName((name) => upload(layer[name], ...BLOCK_SHAPES[name])));
  const norms = layers.map(() => [tf.ones([WIDTH]), tf.ones([WIDTH])] as const);
  const lastNorm = tf.ones([WIDTH]);
  const mask = tf.tensor(causalMask(), [ROWS, ROWS]);
  const table = rotations();
  const cos = tf.tensor(table.cos, [ROWS, 1, HEAD_DIM / 2]);
  const sin = tf.tensor(table.sin, [ROWS, 1, HEAD_DIM / 2]);
  const rotate = (rows: tf.Tensor) => {
    const [left, right] = tf.split(rows, 2, -1) as [tf.Tensor, tf.Tensor];
    return tf.concat([left.mul(cos).sub(right.mul(sin)), right.mul(cos).add(left.mul(sin))], -1);
  };
  const headsFirst = (rows: tf.Tensor) => rows.transpose([1, 0, 2]);
  const toHeads = (rows: tf.Tensor) => rows.reshape([ROWS, HEADS, HEAD_DIM]);

  const block = (h: tf.Tensor, index: number) => {
    const project = (name: LinearName, input: tf.Tensor) => linear(input, layers[index]![name]);
    const [inputNorm, postNorm] = norms[index]!;
    const normed = rmsNorm(h, inputNorm);
    const q = headsFirst(rotate(toHeads(project('q', normed))));
    const k = headsFirst(rotate(toHeads(project('k', normed))));
    const v = headsFirst(toHeads(project('v', normed)));
    const scores = tf.matMul(q, k, false, true).mul(1 / Math.sqrt(HEAD_DIM));
    const attended = headsFirst(tf.matMul(tf.softmax(scores.add(mask)), v)).reshape([ROWS, WIDTH]);
    const middle = h.add(project('o', attended));
    const mlpNormed = rmsNorm(middle, postNorm);
    return middle.add(project('down', silu(project('gate', mlpNormed)).mul(project('up', mlpNormed))));
  };
  return training(
    layers.flatMap((layer) => LINEAR_NAMES.map((name) => layer[name])),
    () => {
      const out = layers.reduce((h, _, index) => block(h, index), x);
      const logits = rmsNorm(out, lastNorm).matMul(head);
      return tf.sum(tf.logSoftmax(logits).mul(targets)).mul(-1 / ROWS);
    },
  );
}

async function start(): Promise<void> {
  if (!(await tf.setBackend('webgpu'))) throw new Error('tfjs cannot open its WebGPU backend');
}

function upload({ weight, a, b }: AdaptedLinear, inner: number, outer: number): Linear {
  const variable = (values: Floats, shape: [number, number]) => tf.variable(tf.tensor(values, shape), true);
  return {
    weight: tf.tensor(weight, [inner, outer]),
    a: variable(a, [inner, RANK]),
    b: variable(b, [RANK, outer]),
  };
}

function linear(x: tf.Tensor, { weight, a, b }: Linear): tf.Tensor {
  return x.matMul(weight).add(x.matMul(a).matMul(b).mul(SCALE));
}

function silu(z: tf.Tensor): tf.Tensor {
  return z.mul(tf.sigmoid(z));
}

function rmsNorm(x: tf.Tensor, weight: tf.Tensor): tf.Tensor {
  return x.mul(tf.rsqrt(tf.mean(tf.square(x), -1, true).add(NORM_EPSILON))).mul(weight);
}

function causalMask(): Floats {
  return Float32Array.from({ length: ROWS * ROWS }, (_, i) => (i % ROWS > Math.floor(i / ROWS) ? -1e9 : 0));
}

function training(linears: readonly Linear[], loss: () => tf.Tensor): Step {
  const { rate, beta1, beta2, epsilon, decay } = ADAMW;
  const variables = [...linears.map(({ a }) => a), ...linears.map(({ b }) => b)];
  const adam = tf.train.adam(rate, beta1, beta2, epsilon);
  return async () => {
    const value = tf.tidy(() => {
      const { value, grads } = tf.variableGrads(loss, variables);
      for (const variable of variables) variable.assign(variable.mul(1 - rate * decay));
      adam.applyGradients(grads);
      return tf.keep(value);
    });
    const [number = Number.NaN] = await value.data();
    value.dispose();
    return number;
  };
}
