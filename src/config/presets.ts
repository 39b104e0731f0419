import type { RunConfig } from './runConfig';

/** Settings that suit one model and one data set, found by trying. */
interface Preset {
  /** Name of the bundled model, as in public/models/index.json. */
  readonly model: string;
  readonly data: string;
  readonly settings: Partial<RunConfig>;
}

const PRESETS: readonly Preset[] = [];

/** What to change in the defaults for this model and data set; nothing where they are not known. */
export function presetFor(model: string | undefined, data: string | undefined): Partial<RunConfig> {
  return PRESETS.find((preset) => preset.model === model && preset.data === data)?.settings ?? {};
}
