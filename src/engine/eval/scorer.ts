import { readFloats } from '../gpu/readback';
import type { BufferSpec, BufferView } from '../gpu/dispatch';
import { completePlan, openWorkspace, type Plan } from '../gpu/workspace';
import { planActivations } from '../model/activations';
import type { BaseModel } from '../model/baseModel';
import { forward, forwardBuffers, INPUT, OUTPUT, type Pass } from '../model/forward';
import type { InferenceAdapter } from '../model/decoder';
import { NO_ADAPTER } from '../model/linear';
import { ropeTable } from '../model/ropeTable';
import { embedding } from '../ops/embedding';
import { rowSubgroups } from '../ops/kernels';
import { matmul } from '../ops/matmul';
import { tokenScores } from '../ops/tokenScores';
import type { Continuation } from './continuation';
import { layOutPasses, type ScoringPass } from './passes';

/** What a model thinks of a continuation. */
export interface ContinuationScore {
  /** Sum of the log-probabilities of its tokens, in nats. */
  readonly logLikelihood: number;
  /** Whether each of its tokens is the most probable one: greedy decoding would have written it. */
  readonly isGreedy: boolean;
}

export interface EvalOptions {
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Stops between passes, or between tokens that are generated. */
  readonly signal?: AbortSignal | undefined;
}

/** Scores the same continuations as often as wanted, with an adapter's values as they are at the time. */
export interface Scorer {
  /**
   * @param options its progress counts continuations
   * @returns one score a continuation, in order
   */
  score(options?: EvalOptions): Promise<ContinuationScore[]>;
  destroy(): void;
}

/** Rows of logits at a time, at most. */
const HEAD_ROWS = 64;

/** What is computed of the rows whose logits are wanted, `HEAD_ROWS` of them at a time. */
const WANTED = {
  /** u32 [S] rows of the pass */
  rows: { buffer: 'wanted rows' },
  /** u32 [S] */
  tokens: { buffer: 'wanted tokens' },
  /** f32 [S, C] */
  hidden: { buffer: 'wanted hidden' },
  /** f32 [S, V] */
  logits: { buffer: 'wanted logits' },
  /** f32 [S, 2] */
  scores: { buffer: 'wanted scores' },
  /** f32 [all of a pass, 2] */
  all: { buffer: 'scores' },
} as const;

/** Plans a pass of `rows` rows and the scores of up to `most` tokens of it. */
export function planScoring(
  base: Pick<BaseModel, 'config' | 'weights' | 'kernels'>,
  adapter: Pick<InferenceAdapter, 'hook' | 'scratch'> | undefined,
  rows: number,
  most: number,
  maxBinding: number,
): Plan & { readonly headRows: number } {
  const { config, weights, kernels } = base;
  const { hiddenSize: C, vocabSize: V } = config;
  const activations = planActivations(config, rows, false);
  const hook = adapter?.hook(rows) ?? NO_ADAPTER;
  const pass: Pass = { config, weights, activations, adapter: hook, kernels, maxBinding };
  const headRows = Math.max(1, Math.min(HEAD_ROWS, Math.floor(maxBinding / (4 * V))));
  const whole = Math.ceil(most / headRows) * headRows;
  const spec = (view: BufferView, elements: number, part: BufferSpec['part']): BufferSpec => ({
    name: view.buffer,
    bytes: elements * 4,
    part,
  });
  const plan = completePlan(
    [
      ...forwardBuffers(config, rows, rows),
      ...activations.buffers,
      ...(adapter?.scratch(rows) ?? []),
      spec(WANTED.rows, headRows, 'io'),
      spec(WANTED.tokens, headRows, 'io'),
      spec(WANTED.hidden, headRows * C, 'activations'),
      spec(WANTED.logits, headRows * V, 'activations'),
      spec(WANTED.scores, headRows * 2, 'io'),
      spec(WANTED.all, whole * 2, 'io'),
    ],
    {
      forward: forward(pass),
      score: [
        // The hidden state is a table whose rows are looked up.
        ...embedding({
          label: 'wanted rows',
          tokens: WANTED.rows,
          table: { buffer: OUTPUT.hidden.buffer, dtype: 'F32', shape: [rows, C] },
          x: WANTED.hidden,
          rows: headRows,
          maxBinding,
        }),
        ...matmul({
          label: 'head of wanted rows',
          x: WANTED.hidden,
          weight: weights.head,
          y: { view: WANTED.logits, stride: V, offset: 0 },
          rows: headRows,
          kernels,
          maxBinding,
        }),
        tokenScores({
          label: 'scores',
          logits: WANTED.logits,
          targets: WANTED.tokens,
          scores: WANTED.scores,
          rows: headRows,
          vocab: V,
          subgroupSize: rowSubgroups(kernels),
        }),
      ],
    },
  );
  return { ...plan, headRows };
}

/**
 * Packs the continuations, allocates what their passes need and compiles it.
 *
 * @param continuations at least one, of ids below V
 * @param adapter whatever its buffers hold when `score` is called
 * @param maxBinding largest binding in bytes, the device's unless a test wants less
 */
export async function openScorer(
  base: BaseModel,
  continuations: readonly Continuation[],
  adapter?: InferenceAdapter,
  maxBinding = base.gpu.device.limits.maxStorageBufferBindingSize,
): Promise<Scorer> {
  const { config, gpu } = base;
  const { rows, passes } = layOutPasses(continuations);
  const most = Math.max(...passes.map(({ wanted }) => wanted.length));
  const plan = planScoring(base, adapter, rows, most, maxBinding);
  const { headRows } = plan;
  const workspace = await openWorkspace(gpu, plan, {
    shared: (name) => base.buffer(name) ?? adapter?.buffer(name),
  });
  workspace.write(INPUT.ropeTable.buffer, ropeTable(config, rows));

  /** f32 [wanted, 2]. */
  const run = async ({ batch, wanted }: ScoringPass): Promise<Float32Array> => {
    const started = performance.now();
    workspace.write(INPUT.tokens.buffer, batch.tokens);
    workspace.write(INPUT.positions.buffer, batch.positions);
    workspace.write(INPUT.first.buffer, batch.first);
    let launches = workspace.run(['forward'], {});
    for (let from = 0; from < wanted.length; from += headRows) {
      // Rows behind the last wanted one repeat what an earlier chunk asked for; nobody reads their scores.
      const chunk = wanted.slice(from, from + headRows);
      workspace.write(
        WANTED.rows.buffer,
        Uint32Array.from(chunk, ({ row }) => row),
      );
      workspace.write(
        WANTED.tokens.buffer,
        Uint32Array.from(chunk, ({ token }) => token),
      );
      const copy = { from: WANTED.scores.buffer, offset: 0, to: WANTED.all.buffer };
      const place = { toOffset: from * 8, bytes: headRows * 8 };
      launches += workspace.run(['score'], {}, { copy: [{ ...copy, ...place }] });
    }
    const scores = await readFloats(gpu.device, workspace.buffer(WANTED.all.buffer), 0, wanted.length * 2);
    workspace.pace((performance.now() - started) / 1000, launches);
    return scores;
  };

  return {
    async score({ onProgress, signal } = {}) {
      const sums = new Float64Array(continuations.length);
      const misses = new Uint32Array(continuations.length);
      let done = 0;
      for (const pass of passes) {
        signal?.throwIfAborted();
        const scores = await run(pass);
        pass.wanted.forEach(({ continuation }, slot) => {
          sums[continuation] = (sums[continuation] ?? 0) + (scores[2 * slot] ?? Number.NaN);
          if (scores[2 * slot + 1] !== 1) misses[continuation] = 1;
        });
        done += new Set(pass.wanted.map(({ continuation }) => continuation)).size;
        onProgress?.(done, continuations.length);
      }
      return Array.from(sums, (logLikelihood, index) => ({ logLikelihood, isGreedy: misses[index] === 0 }));
    },
    destroy: () => {
      workspace.destroy();
    },
  };
}
