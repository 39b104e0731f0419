import type { MicroBatch } from '../data/batch';
import type { Workspace } from '../gpu/workspace';
import { INPUT } from '../model/forward';

/** Puts a micro-batch into the input buffers of a plan with a loss. */
export function writeBatch(workspace: Workspace, batch: MicroBatch): void {
  workspace.write(INPUT.tokens.buffer, batch.tokens);
  workspace.write(INPUT.positions.buffer, batch.positions);
  workspace.write(INPUT.first.buffer, batch.first);
  workspace.write(INPUT.targets.buffer, batch.targets);
}
