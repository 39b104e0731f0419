import type { RunConfig } from './runConfig';

/** Settings that suit one model and one data set, found by trying. */
interface Preset {
  /** Name of the bundled model, as in public/models/index.json. */
  readonly model: string;
  readonly data: string;
  readonly settings: Partial<RunConfig>;
}

/** The bundled task is small and far from what the models know: large steps learn it in a few dozen. */
const CLERK: Partial<RunConfig> = { learning_rate: 5e-3, max_steps: 60, eval_steps: 10 };

const PRESETS: readonly Preset[] = [
  {
    model: 'world-small',
    data: 'clerk-train.jsonl',
    // One row of two records a step (each takes up to 96 tokens): what a software adapter does in seconds.
    settings: { ...CLERK, max_length: 160, gradient_accumulation_steps: 1 },
  },
  { model: 'world', data: 'clerk-train.jsonl', settings: CLERK },
];

/** What to change in the defaults for this model and data set; nothing where they are not known. */
export function presetFor(model: string | undefined, data: string | undefined): Partial<RunConfig> {
  return PRESETS.find((preset) => preset.model === model && preset.data === data)?.settings ?? {};
}
