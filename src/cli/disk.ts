import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UserError } from '../config/errors';

/** Failures of writing that the user can do something about, and what. */
const REASONS: Readonly<Record<string, readonly [problem: string, remedy: string]>> = {
  EACCES: ['it may not be written', 'check its permissions or give another path'],
  EPERM: ['it may not be written', 'check its permissions or give another path'],
  EROFS: ['it lies on a disk that is read-only', 'give another path'],
  ENOSPC: ['the disk is full', 'make room or give another path'],
  ENOTDIR: ['a part of the path is a file', 'give another path'],
  EEXIST: ['a file of that name is there already', 'give another path'],
  EISDIR: ['this is a folder', 'give the path of a file'],
  ENOENT: ['its folder does not exist', 'make the folder first or give another path'],
};

/** Runs something that writes to `path`; what the user can cure becomes a UserError. */
export async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const [problem, remedy] = REASONS[code] ?? [];
    if (problem === undefined || remedy === undefined) throw error;
    throw new UserError(path, problem, remedy);
  }
}

/**
 * Writes a whole file beside its place and moves it there, so that nobody ever meets half of it, whatever
 * happens. Its folder must exist.
 */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  await writing(path, async () => {
    const aside = join(dirname(path), `.${process.pid}-${Date.now()}.part`);
    try {
      await writeFile(aside, content);
      await rename(aside, path);
    } catch (error) {
      await rm(aside, { force: true });
      throw error;
    }
  });
}

/** Makes a folder, with those above it. */
export async function makeFolder(path: string): Promise<void> {
  await writing(path, () => mkdir(path, { recursive: true }));
}

/** Names in a folder; none where there is no such folder. */
export async function namesIn(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return [];
    if (code === 'ENOTDIR') throw new UserError(path, 'this is a file', 'give the path of a folder');
    throw error;
  }
}
