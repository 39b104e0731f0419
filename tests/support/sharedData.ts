import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../../../shared/data');

/** Whether the folder with real checkpoints and data sets lies beside the project; its tests skip where not. */
export const hasSharedData = existsSync(root);

/** Absolute path of a file below that folder. */
export function sharedData(path: string): string {
  return resolve(root, path);
}
