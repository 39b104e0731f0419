import type { RunConfig } from '../config/runConfig';
import type { Contender, SweepChoice } from './sweep';

/** What the page calls each contender, and the settings that make it. */
export const CONTENDERS: Readonly<
  Record<Contender, { readonly name: string; readonly settings: Partial<RunConfig> }>
> = {
  lora: { name: 'LoRA', settings: { method: 'lora' } },
  masa: { name: 'MASA', settings: { method: 'masa', expert_mix: 'sum' } },
  masa_router: { name: 'MASA with router', settings: { method: 'masa', expert_mix: 'router' } },
  hydralora: { name: 'HydraLoRA', settings: { method: 'hydralora' } },
  lora_moe: { name: 'LoRA-MoE', settings: { method: 'lora_moe' } },
};

/** Where the runs of a sweep come from. */
export interface SweepSource {
  readonly model: string;
  /** Id of the scenario; undefined where the data is a file. */
  readonly scenario: string | undefined;
  readonly data: string;
  readonly columns: string | undefined;
}

/** The content of the sweep file that says what was chosen, as `masa compare` takes it (docs/sweeps.md). */
export function sweepFile(
  { contenders, seeds, match, grid, questions }: SweepChoice,
  values: RunConfig,
  { model, scenario, data, columns }: SweepSource,
): object {
  const { seed, ...shared } = values;
  // Every configuration says its method and its mix.
  const settings = Object.fromEntries(
    Object.entries(shared).filter(([key]) => key !== 'method' && key !== 'expert_mix'),
  );
  const from =
    scenario === undefined ? { data, ...(columns === undefined ? {} : { columns }) } : { scenario };
  return {
    ...from,
    model,
    settings,
    configurations: contenders.map((contender) => ({
      name: CONTENDERS[contender].name,
      ...CONTENDERS[contender].settings,
      ...(contender === 'masa' ? grid : {}),
    })),
    seeds: Array.from({ length: seeds }, (_, index) => seed + index),
    match_budget: match,
    ...(scenario === undefined ? {} : { evaluation: questions > 0 && { limit: questions } }),
  };
}
