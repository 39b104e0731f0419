import { swiglu, swigluBackward } from '../../../../src/engine/ops/swiglu';
import { swigluBackward as backwardReference, swigluForward } from '../../../reference/swiglu';
import { randomValues } from '../../../support/random';
import { unset, views, type OpCase } from '../../../support/runOps';

const inputs: readonly (readonly [name: string, gate: Float32Array])[] = [
  ['one element', random(1, 1)],
  ['moderate gates, odd count', random(1001, 6)],
  ['whole quads, more than a workgroup covers', random(1028, 6)],
  [
    'gates up to 100, where a careless exp overflows',
    Float32Array.of(...random(200, 100), 100, -100, 88.8, -88.8, 0),
  ],
];

const bounds = {
  tolerance: { maxRel: 5e-6 },
  reason: 'WGSL grants exp(x) 3 + 2|x| units in the last place; where |x| is large exp hardly matters',
} as const;

export const cases: OpCase[] = [
  ...inputs.map(([name, gate]) => forward(name, gate)),
  ...inputs.map(([name, gate]) => backward(name, gate)),
];

function forward(name: string, gate: Float32Array): OpCase {
  return {
    name: `forward: ${name}`,
    ...bounds,
    make: () => {
      const count = gate.length;
      const up = random(count, 1, 2);
      return {
        buffers: { gate, up, y: unset(count) },
        dispatches: [swiglu({ label: 'swiglu', ...views('gate', 'up', 'y'), count })],
        expected: { y: swigluForward(Float64Array.from(gate), Float64Array.from(up)) },
      };
    },
  };
}

function backward(name: string, gate: Float32Array): OpCase {
  return {
    name: `backward: ${name}`,
    ...bounds,
    make: () => {
      const count = gate.length;
      const [up, dy] = [random(count, 1, 2), random(count, 1, 3)];
      const { dGate, dUp } = backwardReference(
        Float64Array.from(gate),
        Float64Array.from(up),
        Float64Array.from(dy),
      );
      return {
        buffers: { gate, up, dy },
        dispatches: [swigluBackward({ label: 'swiglu backward', ...views('gate', 'up', 'dy'), count })],
        expected: { gate: dGate, up: dUp },
      };
    },
  };
}

function random(size: number, scale: number, seed = 1): Float32Array {
  return Float32Array.from(randomValues(size, seed, scale));
}
