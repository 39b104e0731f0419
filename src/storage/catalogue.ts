import { UserError } from '../config/errors';
import type { FileSource } from '../worker/protocol';

/** A model that comes with the page. */
export interface BundledModel {
  readonly name: string;
  readonly source: FileSource;
  /** All its files, in bytes. */
  readonly bytes: number;
}

/** What comes with the page. */
export interface Catalogue {
  /** Smallest first. */
  readonly models: readonly BundledModel[];
}

/**
 * Reads what comes with the page: models/index.json, written when the models are made, lists their files.
 *
 * @param base address of the page
 * @throws UserError where it is missing or not as it should be
 */
export async function readCatalogue(base: string = document.baseURI): Promise<Catalogue> {
  const index = new URL('models/index.json', base);
  const response = await fetch(index).catch(() => undefined);
  const value: unknown = response?.ok === true ? await response.json().catch(() => undefined) : undefined;
  return parseCatalogue(value, base);
}

/** The catalogue that a parsed index.json describes; throws UserError where it does not describe one. */
export function parseCatalogue(value: unknown, base: string): Catalogue {
  if (!Array.isArray(value)) throw damaged();
  const models = value.map((entry: unknown): BundledModel => {
    const { name, files } = (entry ?? {}) as Record<string, unknown>;
    if (typeof name !== 'string' || !Array.isArray(files)) throw damaged();
    const list = files.map((file: unknown) => {
      const { name: fileName, size } = (file ?? {}) as Record<string, unknown>;
      if (typeof fileName !== 'string' || typeof size !== 'number') throw damaged();
      return { url: new URL(`models/${name}/${fileName}`, base).href, size };
    });
    return {
      name,
      source: { kind: 'urls', name, urls: list.map(({ url }) => url) },
      bytes: list.reduce((sum, { size }) => sum + size, 0),
    };
  });
  return { models: models.sort((a, b) => a.bytes - b.bytes) };
}

function damaged(): UserError {
  return new UserError(
    'models/index.json',
    'the list of bundled models is missing or damaged',
    'reload the page, or drop a model of your own',
  );
}
