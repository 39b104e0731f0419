import type { Matrix } from '../engine/analysis/matrix';
import { createTsne, type TsneOptions } from '../engine/analysis/tsne';
import { sentence } from './faults';

/** Page to worker: one embedding, after which the worker is not used again. */
export interface TsneRequest {
  /** [n, d] */
  readonly points: Matrix;
  readonly options: TsneOptions;
}

/** Where an embedding stands. */
export interface TsneProgress {
  /** Steps that have been made, and those that will be. */
  readonly iteration: number;
  readonly iterations: number;
  /** KL(P ‖ Q) in nats. */
  readonly klDivergence: number;
  /** [n, 2], row-major. */
  readonly embedding: Float64Array;
}

/** Worker to page: progress until the last step, or one sentence. */
export type TsneMessage =
  | { readonly kind: 'progress'; readonly progress: TsneProgress }
  | { readonly kind: 'error'; readonly message: string };

/** Steps between two messages: the divergence costs about as much as one or two steps. */
const STEPS = 25;

/** Embeds the points, saying how far it is before the first step, every 25 steps and after the last. */
export function embed({ points, options }: TsneRequest, post: (message: TsneMessage) => void): void {
  try {
    const tsne = createTsne(points, options);
    const report = () => {
      const { iteration, iterations } = tsne;
      const embedding = tsne.embedding.slice();
      post({
        kind: 'progress',
        progress: { iteration, iterations, klDivergence: tsne.klDivergence(), embedding },
      });
    };
    report();
    while (tsne.iteration < tsne.iterations) {
      tsne.iterate(STEPS);
      report();
    }
  } catch (error) {
    post({ kind: 'error', message: sentence(error, 't-SNE') });
  }
}
