import type { RunConfig } from '../../config/runConfig';
import { METHODS } from '../../engine/adapters/registry';
import type { BlocksState } from '../../state/blocks';
import type { RunState } from '../../state/run';
import { blockKey, type Picture, type PictureBlock } from './geometry';
import { blockNorm, strength, tensorNames } from './tint';
import type { Subject } from './words';

/** How large the gradients or updates of the drawn blocks are. */
export interface Sizes {
  /** What is shown; undefined where blocks have their plain colours. */
  readonly of: 'gradient' | 'update' | undefined;
  /** The step that they are of. */
  readonly step: number;
  /** The largest block, and its norm. */
  readonly largest: { readonly block: PictureBlock; readonly norm: number } | undefined;
  readonly strengths: ReadonlyMap<string, number> | undefined;
  /** Whether there are sizes, but of a run with other settings than the picture. */
  readonly ofOther: boolean;
  norm(block: PictureBlock, of: 'gradient' | 'update'): number | undefined;
}

const NONE: Sizes = {
  of: undefined,
  step: 0,
  largest: undefined,
  strengths: undefined,
  ofOther: false,
  norm: () => undefined,
};

/** The sizes of a picture's blocks, where the run on the page has the shape of the picture. */
export function sizesOf(
  { tint, norms }: BlocksState,
  run: Pick<RunState, 'runId' | 'settings'>,
  picture: Picture,
  subject: Subject,
  values: RunConfig,
): Sizes {
  if (norms === undefined || norms.byName.size === 0 || norms.runId !== run.runId) return NONE;
  if (run.settings === undefined || !sameShape(run.settings, values)) {
    return { ...NONE, ofOther: tint !== 'none' };
  }
  const norm: Sizes['norm'] = (block, of) => blockNorm(tensorNames(block, subject.block), norms.byName, of);
  if (tint === 'none') return { ...NONE, step: norms.step, norm };
  const found = picture.blocks.flatMap((block) => {
    const value = norm(block, tint);
    return value === undefined ? [] : [{ block, norm: value }];
  });
  const largest = found.reduce<Sizes['largest']>(
    (most, next) => (next.norm > (most?.norm ?? 0) ? next : most),
    undefined,
  );
  const strengths = new Map(
    found.map((entry) => [blockKey(entry.block), strength(entry.norm, largest?.norm ?? 0)]),
  );
  return { of: tint, step: norms.step, largest, strengths, ofOther: false, norm };
}

/** Whether two runs train the same tensors of the same model. */
function sameShape(a: RunConfig, b: RunConfig): boolean {
  const shape = (run: RunConfig) => [METHODS[run.method].block(run), run.r, [...run.target_modules].sort()];
  return JSON.stringify(shape(a)) === JSON.stringify(shape(b));
}
