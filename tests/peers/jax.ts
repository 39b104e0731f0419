import './iteratorHelpers';
import * as jax from '@jax-js/jax';
import type { Step } from './engine';
import {
  ADAMW,
  BLOCK_SHAPES,
  byName,
  embedded,
  HEAD_DIM,
  HEADS,
  NORM_EPSILON,
  oneHotTargets,
  RANK,
  rotations,
  ROWS,
  SCALE,
  VOCABULARY,
  WIDTH,
  type Floats,
  type LinearName,
  type Llama,
  type Stack,
} from './workloads';

/**
 * Both steps on jax-js: one jitted function for loss, gradients and AdamW. (Its optimiser package is not published,
 * so AdamW is written out.) Arrays are consumed by whatever uses them; `.ref` keeps one for another use.
 */
const { nn, numpy: np, tree } = jax;

interface Pair {
  readonly a: jax.Array;
  readonly b: jax.Array;
}

const array = (values: Floats, shape: readonly number[]) => np.array(values).reshape(shape);

/** The step of W1. */
export async function openStack(stack: Stack): Promise<Step> {
  await start();
  const frozen = {
    x: array(stack.x, [ROWS, WIDTH]),
    y: array(stack.y, [ROWS, WIDTH]),
    weights: stack.layers.map(({ weight }) => array(weight, [WIDTH, WIDTH])),
  };
  const pairs = stack.layers.map(({ a, b }) => pair(a, b, WIDTH, WIDTH));
  return training(pairs, frozen, (pairs, { x, y, weights }) => {
    const out = pairs.reduce((h, pair, layer) => nn.silu(linear(h, weights[layer]!, pair)), x);
    return np.mean(np.square(out.sub(y)));
  });
}

/** The step of W2. */
export async function openLlama(llama: Llama): Promise<Step> {
  await start();
  const { cos, sin } = rotations();
  const ones = () => np.ones([WIDTH]);
  const frozen = {
    x: array(embedded(llama), [ROWS, WIDTH]),
    targets: array(oneHotTargets(llama), [ROWS, VOCABULARY]),
    head: array(llama.head, [WIDTH, VOCABULARY]),
    norm: ones(),
    cos: array(cos, [ROWS, 1, HEAD_DIM / 2]),
    sin: array(sin, [ROWS, 1, HEAD_DIM / 2]),
    layers: llama.layers.map((layer) => ({
      inputNorm: ones(),
      postNorm: ones(),
      weights: byName((name) => array(layer[name].weight, BLOCK_SHAPES[name])),
    })),
  };
  const pairs = llama.layers.map((layer) =>
    byName((name) => pair(layer[name].a, layer[name].b, ...BLOCK_SHAPES[name])),
  );
  return training(pairs, frozen, (pairs, { x, targets, head, norm, cos, sin, layers }) => {
    let h = x;
    layers.forEach(({ inputNorm, postNorm, weights }, index) => {
      const project = (name: LinearName, input: jax.Array) =>
        linear(input, weights[name], pairs[index]![name]);
      const toHeads = (y: jax.Array) => y.reshape([ROWS, HEADS, HEAD_DIM]);
      const normed = rmsNorm(h.ref, inputNorm);
      const q = rotate(toHeads(project('q', normed.ref)), cos.ref, sin.ref);
      const k = rotate(toHeads(project('k', normed.ref)), cos.ref, sin.ref);
      const v = toHeads(project('v', normed));
      const attended = nn.dotProductAttention(q, k, v, { isCausal: true }).reshape([ROWS, WIDTH]);
      h = h.add(project('o', attended));
      const mlpNormed = rmsNorm(h.ref, postNorm);
      const gated = nn.silu(project('gate', mlpNormed.ref)).mul(project('up', mlpNormed));
      h = h.add(project('down', gated));
    });
    cos.dispose();
    sin.dispose();
    const logits = np.matmul(rmsNorm(h, norm), head);
    return np.sum(nn.logSoftmax(logits, -1).mul(targets)).mul(-1 / ROWS);
  });
}

async function start(): Promise<void> {
  await jax.init('webgpu');
  jax.defaultDevice('webgpu');
}

function pair(a: Floats, b: Floats, inner: number, outer: number): Pair {
  return { a: array(a, [inner, RANK]), b: array(b, [RANK, outer]) };
}

function linear(x: jax.Array, weight: jax.Array, { a, b }: Pair): jax.Array {
  return np.matmul(x.ref, weight).add(np.matmul(np.matmul(x, a), b).mul(SCALE));
}

function rmsNorm(x: jax.Array, weight: jax.Array): jax.Array {
  const meanSquare = np.mean(np.square(x.ref), -1, { keepdims: true });
  return x.mul(np.reciprocal(np.sqrt(meanSquare.add(NORM_EPSILON)))).mul(weight);
}

function rotate(x: jax.Array, cos: jax.Array, sin: jax.Array): jax.Array {
  const [left, right] = np.split(x, 2, -1) as [jax.Array, jax.Array];
  const real = left.ref.mul(cos.ref).sub(right.ref.mul(sin.ref));
  return np.concatenate([real, right.mul(cos).add(left.mul(sin))], -1);
}

/** Loss, gradients of the pairs and AdamW as one compiled function. */
function training<P, F>(pairs: P, frozen: F, loss: (pairs: P, frozen: F) => jax.Array): Step {
  const { rate, beta1, beta2, epsilon, decay } = ADAMW;
  const unbias = (beta: number, t: jax.Array) => np.power(beta, t).mul(-1).add(1);
  const update = jax.jit((w: P, m: P, v: P, t: jax.Array, frozen: F): [jax.Array, P, P, P, jax.Array] => {
    const [value, gradient] = jax.valueAndGrad(loss)(tree.ref(w), frozen);
    const m1 = tree.map((m, g) => m.mul(beta1).add(g.mul(1 - beta1)), m, tree.ref(gradient));
    const v1 = tree.map((v, g) => v.mul(beta2).add(np.square(g).mul(1 - beta2)), v, gradient);
    const bias1 = unbias(beta1, t.ref);
    const bias2 = unbias(beta2, t.ref);
    const moved = tree.map(
      (w, m, v) => {
        const step = m.div(bias1.ref).div(np.sqrt(v.div(bias2.ref)).add(epsilon));
        return w.mul(1 - rate * decay).sub(step.mul(rate));
      },
      w,
      tree.ref(m1),
      tree.ref(v1),
    );
    bias1.dispose();
    bias2.dispose();
    return [value, moved, m1, v1, t.add(1)];
  });
  let w = pairs;
  let m = tree.map((x) => np.zeros(x.shape), tree.ref(pairs));
  let v = tree.map((x) => np.zeros(x.shape), tree.ref(pairs));
  let t = np.array(1);
  return async () => {
    let value: jax.Array;
    [value, w, m, v, t] = update(w, m, v, t, tree.ref(frozen));
    tree.dispose(await jax.blockUntilReady(tree.ref(w)));
    return (await value.data())[0] ?? Number.NaN;
  };
}
