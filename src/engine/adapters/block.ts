import type { BufferSpec } from '../gpu/dispatch';
import type { LinearHook } from '../model/linear';
import { lowRankActivations, lowRankHook } from './lowRank';
import { routedActivations, routedHook, type RoutedOptions } from './routed';

/** The low-rank block of any method at the model's linears. */
export function adapterHook(options: RoutedOptions): LinearHook {
  return options.layout.block.mix === 'router' ? routedHook(options) : lowRankHook(options);
}

/** Buffers that a pass with an adapter needs beside the adapter itself. */
export function adapterActivations(options: Parameters<typeof routedActivations>[0]): BufferSpec[] {
  return options.layout.block.mix === 'router' ? routedActivations(options) : lowRankActivations(options);
}
