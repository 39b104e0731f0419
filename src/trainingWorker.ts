import { openFeatureReader } from './engine/analysis/features/reader';
import { openChoiceScorer } from './engine/eval/choices';
import { openExactMatcher } from './engine/eval/exact';
import { openDevice } from './engine/gpu/device';
import { loadBaseModel } from './engine/model/baseModel';
import { createGenerator } from './engine/model/generate';
import { createTrainer } from './engine/train/trainer';
import type { openExpertInspector as open } from './engine/analysis/features/inspect';
import { browserArchive } from './storage/runs/archive';
import { chooseKernels } from './worker/kernels';
import { serve } from './worker/serve';
import { Session } from './worker/session';

/** Entry of the worker that trains: messages in, messages out. */
const gpu = (navigator as { readonly gpu?: GPU }).gpu;
const engine = {
  ...{ openDevice, loadBaseModel, createTrainer, createGenerator, chooseKernels },
  ...{ openChoiceScorer, openExactMatcher, openFeatureReader, openExpertInspector },
};
serve((post) => new Session(engine, gpu, post, browserArchive()));

/** Comes with a library for decompositions, which is loaded when somebody looks. */
async function openExpertInspector(...parameters: Parameters<typeof open>): ReturnType<typeof open> {
  const { openExpertInspector: open } = await import('./engine/analysis/features/inspect');
  return await open(...parameters);
}
