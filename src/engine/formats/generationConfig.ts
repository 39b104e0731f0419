import type { SamplingDefaults } from '../model/checkpoint';
import type { FileSet } from './byteSource';
import { readOptionalJson } from './jsonFile';

/**
 * How the makers of a checkpoint sample from it, of its `generation_config.json`: `temperature`, `top_k` and `top_p`
 * where they are there. A value that cannot be used counts as absent: nobody's model should fail over a wish.
 *
 * @throws UserError where the file is not JSON
 */
export async function readSamplingDefaults(files: FileSet): Promise<SamplingDefaults> {
  const json = (await readOptionalJson(files, 'generation_config.json')) ?? {};
  const usable = (key: keyof SamplingDefaults, fits: (value: number) => boolean): SamplingDefaults => {
    const value = json[key];
    return typeof value === 'number' && fits(value) ? { [key]: value } : {};
  };
  return {
    ...usable('temperature', (value) => value > 0 && value <= 100),
    ...usable('top_k', (value) => Number.isInteger(value) && value >= 0),
    ...usable('top_p', (value) => value > 0 && value <= 1),
  };
}
