import { createStore } from 'zustand/vanilla';
import type { ModuleName } from '../config/modules';
import type { Matrix } from '../engine/analysis/matrix';
import type { ExpertPoints } from '../worker/protocol';
import { embedInWorker } from '../worker/tsneClient';
import type { TsneProgress } from '../worker/tsneJob';
import { expertsStore, readPoints } from './experts';

/**
 * What the points of a picture are: `tokens`, one A and all experts in two pictures, coloured by task; `experts`, each
 * token once for each expert in one picture, coloured by expert.
 */
export type PictureKind = 'tokens' | 'experts';

export interface Picture {
  readonly title: string;
  /** One a point. */
  readonly labels: readonly string[];
  readonly progress: TsneProgress | undefined;
}

export interface TsneState {
  /** What is drawn; undefined until something was. */
  readonly points: ExpertPoints | undefined;
  readonly pictures: readonly Picture[];
  readonly drawing: boolean;
  readonly problem: string | undefined;
}

const NOTHING: TsneState = { points: undefined, pictures: [], drawing: false, problem: undefined };

export const tsneStore = createStore<TsneState>(() => NOTHING);

/** Most points of one picture (see MOST_POINTS of the engine). */
const MOST_POINTS = 5000;
const SEED = 42;
const PERPLEXITY = 30;

let abort = new AbortController();

// A new run forgets the points of the old one.
expertsStore.subscribe(({ points, reading }) => {
  if (points !== undefined || reading !== undefined || tsneStore.getState().points === undefined) return;
  abort.abort();
  tsneStore.setState(NOTHING, true);
});

/** Reads the points of one module and embeds them, in workers of their own. */
export async function drawPicture(
  layer: number,
  module: ModuleName,
  tokens: number,
  kind: PictureKind,
  experts: number,
): Promise<void> {
  stopPicture();
  const own = (abort = new AbortController());
  const { signal } = own;
  const isStopped = () => signal.aborted;
  const rows = kind === 'tokens' ? tokens : Math.min(tokens, Math.floor(MOST_POINTS / experts));
  tsneStore.setState({ ...NOTHING, drawing: true });
  const points = await readPoints(layer, module, rows);
  if (points === undefined || isStopped()) {
    if (!isStopped()) tsneStore.setState({ drawing: false });
    return;
  }
  const sets = kind === 'tokens' ? byTask(points) : [byExpert(points)];
  tsneStore.setState({
    points,
    pictures: sets.map(({ title, labels }) => ({ title, labels, progress: undefined })),
  });
  const show = (index: number) => (progress: TsneProgress) => {
    tsneStore.setState(({ pictures }) => ({
      pictures: pictures.map((picture, i) => (i === index ? { ...picture, progress } : picture)),
    }));
  };
  try {
    await Promise.all(
      sets.map(({ matrix }, index) =>
        embedInWorker(
          { points: matrix, options: { seed: SEED, perplexity: perplexityOf(matrix.rows) } },
          { onProgress: show(index), signal },
        ),
      ),
    );
    if (!isStopped()) tsneStore.setState({ drawing: false });
  } catch (error) {
    own.abort();
    tsneStore.setState({ drawing: false, problem: error instanceof Error ? error.message : String(error) });
  }
}

/** Leaves the pictures as they are. */
export function stopPicture(): void {
  abort.abort();
  tsneStore.setState({ drawing: false });
}

interface PointSet {
  readonly title: string;
  readonly matrix: Matrix;
  readonly labels: readonly string[];
}

function byTask({ single, all, tasks, experts }: ExpertPoints): PointSet[] {
  const labels = tasks.map((task) => task ?? 'no task');
  const one = { title: 'One A', matrix: single, labels };
  return experts === 1 ? [one] : [one, { title: `All ${experts} experts side by side`, matrix: all, labels }];
}

/** Each expert's R columns under the other's: point i·N + n is what expert i makes of token n. */
export function byExpert({ all, experts }: Pick<ExpertPoints, 'all' | 'experts'>): PointSet {
  const { rows, cols, values } = all;
  const r = cols / experts;
  const stacked = new Float32Array(rows * cols);
  const labels: string[] = [];
  for (let i = 0; i < experts; i++) {
    for (let n = 0; n < rows; n++) {
      const from = n * cols + i * r;
      stacked.set(values.subarray(from, from + r), (i * rows + n) * r);
      labels.push(`expert ${i + 1}`);
    }
  }
  return {
    title: 'Each expert by itself',
    matrix: { rows: rows * experts, cols: r, values: stacked },
    labels,
  };
}

/** Below a third of the points, as t-SNE asks. */
function perplexityOf(points: number): number {
  return Math.max(1.5, Math.min(PERPLEXITY, Math.floor((points - 1) / 3) - 1));
}
