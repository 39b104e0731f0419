import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileSource } from '../../worker/protocol';

/** A checkpoint that comes with the page, as if its files had been chosen by hand; run from the project's folder. */
export async function bundledFiles(name: string): Promise<FileSource> {
  const folder = join('public', 'models', name);
  const names = await readdir(folder);
  const files = names.map(async (file) => new File([await readFile(join(folder, file))], file));
  return { kind: 'files', name, files: await Promise.all(files) };
}
