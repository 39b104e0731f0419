import type { Llama, Stack } from './workloads';

/** One training step to its end; resolves with the loss before the update. */
export type Step = () => Promise<number>;

export const ENGINES = ['masa', 'jax', 'tfjs'] as const;
export type EngineName = (typeof ENGINES)[number];

/** What each engine's module exports: each opens a device, uploads and comes back ready for its first step. */
export interface EngineModule {
  openStack(stack: Stack, gpu: GPU): Promise<Step>;
  openLlama(llama: Llama, gpu: GPU): Promise<Step>;
}

/** Loads one engine's code. After `openEnvironment`: tfjs looks for WebGPU while it is loaded. */
export function loadEngine(name: EngineName): Promise<EngineModule> {
  switch (name) {
    case 'masa':
      return import('./masa');
    case 'jax':
      return import('./jax');
    case 'tfjs':
      return import('./tfjs');
  }
}
