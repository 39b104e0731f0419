import { naiveBackward, naiveForward } from '../../../../src/bench/naive';
import { matmulNN, matmulNT } from '../../../reference/matmul';
import { randomValues } from '../../../support/random';
import { unset, views, type OpCase } from '../../../support/runOps';

interface Shape {
  readonly rows: number;
  readonly outs: number;
  readonly inner: number;
}

const SHAPES: readonly (readonly [string, Shape])[] = [
  ['one of everything', { rows: 1, outs: 1, inner: 1 }],
  ['whole workgroups', { rows: 16, outs: 24, inner: 8 }],
  ['one more than a workgroup each way', { rows: 9, outs: 17, inner: 25 }],
];

export const cases: OpCase[] = SHAPES.flatMap(([name, shape]) => [
  row(`forward, ${name}`, shape, false),
  row(`backward, ${name}`, shape, true),
]);

function row(name: string, shape: Shape, backward: boolean): OpCase {
  const { rows, outs, inner } = shape;
  return {
    name,
    tolerance: { maxRel: 1e-5 },
    reason: 'f32 sums of up to 25 products',
    make: () => {
      const left = randomValues(rows * (backward ? outs : inner), 1).map(Math.fround);
      const w = randomValues(outs * inner, 2).map(Math.fround);
      const at = views('left', 'w', 'right');
      const expected = backward ? matmulNN(left, w, rows, outs, inner) : matmulNT(left, w, rows, inner, outs);
      const launch = backward ? naiveBackward : naiveForward;
      return {
        buffers: { left: Float32Array.from(left), w: Float32Array.from(w), right: unset(expected.length) },
        dispatches: [launch(at.left, at.w, at.right, shape)],
        expected: { right: expected },
      };
    },
  };
}
