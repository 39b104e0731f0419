import { UserError } from '../../config/errors';
import type { ByteSource } from './byteSource';

const SIGNATURE = 'version https://git-lfs.github.com/spec/';

/**
 * Refuses a git-LFS pointer: the three-line text that a clone without git-lfs leaves in place of a big file.
 * Without this check it would be reported as a broken file of whatever format was expected.
 */
export async function refuseLfsPointer(source: ByteSource): Promise<void> {
  if (source.size < SIGNATURE.length) return;
  const head = new TextDecoder().decode(await source.read(0, SIGNATURE.length));
  if (head !== SIGNATURE) return;
  throw new UserError(
    source.name,
    'this is a git-LFS pointer (a short text that stands for the file), not the file itself',
    'run "git lfs pull" in the cloned repository, or download the file from its model page',
  );
}
