import { open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { UserError } from '../config/errors';
import type { ByteSource, FileSet } from '../engine/formats/byteSource';
import { isFileSet } from '../engine/formats/recognise';

/**
 * A file or folder of the disk as the engine reads it. Nothing is read yet; each read opens the file, so there
 * is nothing to close. Throws UserError where the path does not exist or is neither file nor folder.
 */
export async function openPath(path: string): Promise<ByteSource | FileSet> {
  const info = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (info.isDirectory()) return await openFolder(path);
  if (info.isFile()) return diskSource(path, info.size);
  throw new UserError(path, 'neither a file nor a folder', 'give the path of a file or folder');
}

/** The files directly in a folder, by name; sub-folders are left out. */
export async function openFolder(path: string): Promise<FileSet> {
  const names = await readdir(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  const files = new Map<string, ByteSource>();
  for (const name of names.sort()) {
    // A dangling link is not there, as far as reading goes.
    const info = await stat(join(path, name)).catch(() => undefined);
    if (info?.isFile() === true) files.set(name, diskSource(join(path, name), info.size));
  }
  return { name: basename(resolve(path)), files };
}

/** Sub-folders into which benchmarks are parted. */
const SPLIT_FOLDERS = ['dev', 'val', 'test', 'train'];

/** A folder with the files of its dev, val, test and train folders too, under names such as `dev/anatomy.csv`. */
export async function withSplits(path: string, folder: FileSet): Promise<FileSet> {
  const files = new Map(folder.files);
  const names = await readdir(path);
  for (const split of SPLIT_FOLDERS.filter((name) => names.includes(name))) {
    const part = await openPath(join(path, split));
    if (!isFileSet(part)) continue;
    for (const [name, file] of part.files) files.set(`${split}/${name}`, file);
  }
  return { name: folder.name, files };
}

/** The folder that a file lies in. */
export function openBeside(path: string): Promise<FileSet> {
  return openFolder(dirname(resolve(path)));
}

function diskSource(path: string, size: number): ByteSource {
  const name = basename(path);
  return {
    name,
    size,
    read: async (offset, length) => {
      if (offset < 0 || length < 0 || offset + length > size) {
        throw new RangeError(`${name}: read past the end of the file`);
      }
      const handle = await open(path).catch((error: unknown) => {
        throw unreadable(path, error);
      });
      try {
        const bytes = new Uint8Array(length);
        let done = 0;
        while (done < length) {
          const { bytesRead } = await handle.read(bytes, done, length - done, offset + done);
          if (bytesRead === 0) {
            throw new UserError(path, 'became shorter while it was read', 'start again when it is complete');
          }
          done += bytesRead;
        }
        return bytes;
      } finally {
        await handle.close();
      }
    },
  };
}

function unreadable(path: string, error: unknown): Error {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new UserError(path, 'no such file or folder', 'check the path');
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new UserError(path, 'it may not be read', 'check its permissions');
  }
  return error instanceof Error ? error : new Error(String(error));
}
