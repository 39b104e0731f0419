import { createTrainer, loadBaseModel, openDevice } from '../../src/engine';
import type { Step } from './engine';
import { LLAMA_RUN, llamaAdapter, llamaBatch, llamaCheckpoint } from './llama';
import { stackStep } from './masaStack';
import type { Llama, Stack } from './workloads';

/** The step of W1, put together from the engine's launches. */
export async function openStack(stack: Stack, gpu: GPU): Promise<Step> {
  return stackStep(await openDevice(gpu), stack);
}

/** The step of W2: the trainer that the page and the command use. */
export async function openLlama(llama: Llama, gpu: GPU): Promise<Step> {
  const base = await loadBaseModel(await openDevice(gpu), llamaCheckpoint(llama));
  const batch = llamaBatch(llama);
  const trainer = await createTrainer(base, {
    run: LLAMA_RUN,
    batches: { batchFor: () => batch, validation: [] },
    values: llamaAdapter(llama),
  });
  return async () => (await trainer.step()).loss;
}
