import { difference, frobenius, innerProduct, requireFinite, type Matrix } from './matrix';

/** Values for each pair of a list, symmetric [E][E]; undefined where the value is not defined. */
export type Pairwise = readonly (readonly (number | undefined)[])[];

/** How the experts of a group lie to each other, and what became of the differences that they started with. */
export interface ExpertDistances {
  /** See relativeDistances. */
  readonly distance: Pairwise;
  /** See cosines, of the experts. */
  readonly cosine: Pairwise;
  /**
   * ‖A_i − A_j‖_F over its initial value: 1 while the experts are tied (they move by the same amount), below 1
   * where they are pulled together. Undefined where they began equal.
   */
  readonly kept: Pairwise;
  /**
   * Cosine between A_i − A_j and its initial value: 1 while the difference is still the initial noise, at whatever
   * length (weight decay shrinks it); only experts that part lose it.
   */
  readonly direction: Pairwise;
}

/**
 * Distances between the experts of one group, now and against the start.
 *
 * @param experts the matrices A_i, all [R, in]
 * @param initial the same before the first step
 * @throws UserError where a weight is not finite; RangeError where the shapes or the numbers differ
 */
export function expertDistances(experts: readonly Matrix[], initial: readonly Matrix[]): ExpertDistances {
  if (experts.length !== initial.length) {
    throw new RangeError(`there are ${experts.length} experts, and ${initial.length} at the start`);
  }
  const begin = (i: number, j: number) => difference(at(initial, i), at(initial, j));
  return {
    distance: relativeDistances(experts),
    cosine: cosines(experts),
    kept: pairwise(experts, (a, b, i, j) => ratio(frobenius(difference(a, b)), frobenius(begin(i, j)))),
    direction: pairwise(experts, (a, b, i, j) => cosine(difference(a, b), begin(i, j))),
  };
}

/**
 * ‖X_i − X_j‖_F / √((‖X_i‖_F² + ‖X_j‖_F²) / 2): 0 where they are equal, √2 where they are orthogonal and equally long,
 * 2 where they are opposite; undefined where both are zero.
 *
 * @param matrices all of one shape
 * @throws UserError where a value is not finite; RangeError where the shapes differ
 */
export function relativeDistances(matrices: readonly Matrix[]): Pairwise {
  return pairwise(matrices, (x, y) =>
    ratio(frobenius(difference(x, y)), Math.sqrt((innerProduct(x, x) + innerProduct(y, y)) / 2)),
  );
}

/**
 * ⟨X_i, X_j⟩_F / (‖X_i‖_F ‖X_j‖_F): of gradients, 1 where all experts are pushed the same way; undefined where one is
 * zero.
 *
 * @param matrices all of one shape
 * @throws as relativeDistances
 */
export function cosines(matrices: readonly Matrix[]): Pairwise {
  return pairwise(matrices, cosine);
}

function cosine(x: Matrix, y: Matrix): number | undefined {
  return ratio(innerProduct(x, y), frobenius(x) * frobenius(y));
}

function ratio(above: number, below: number): number | undefined {
  return below === 0 ? undefined : above / below;
}

function pairwise(
  matrices: readonly Matrix[],
  value: (x: Matrix, y: Matrix, i: number, j: number) => number | undefined,
): Pairwise {
  for (const matrix of matrices) requireFinite(matrix, 'experts');
  return matrices.map((x, i) => matrices.map((y, j) => value(x, y, i, j)));
}

function at(matrices: readonly Matrix[], i: number): Matrix {
  const matrix = matrices[i];
  if (matrix === undefined) throw new RangeError(`there is no matrix ${i}`);
  return matrix;
}
