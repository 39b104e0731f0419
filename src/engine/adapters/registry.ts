import type { MethodId } from '../../config/runConfig';
import type { AdapterMethod } from './adapterMethod';
import { hydralora } from './hydralora';
import { lora } from './lora';
import { loraMoe } from './loraMoe';
import { masa } from './masa';

/** Every adapter method that the engine can train. A new method is one file and one line here. */
export const METHODS: Readonly<Record<MethodId, AdapterMethod>> = {
  lora,
  masa,
  hydralora,
  lora_moe: loraMoe,
};
