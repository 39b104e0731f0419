import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dozeWhileWaiting } from '../../src/cli/doze';
import { runParity } from './suite';
import type { Variant } from './variants';

/**
 * The parity checks as a process of their own, in Node (Dawn) or in Deno (wgpu): variants as JSON and the folder of
 * the fixtures as arguments, one line of JSON for each variant, as a Report.
 */
const [variants = '[]', folder = ''] = process.argv.slice(2);
const read = async (path: string) => new Uint8Array(await readFile(join(folder, path)));

const gpu = 'Deno' in globalThis ? navigator.gpu : await openDawn();
for (const variant of JSON.parse(variants) as Variant[]) {
  console.log(JSON.stringify(await runParity(gpu, read, variant)));
}
process.exit();

async function openDawn(): Promise<GPU> {
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  const dawn = create([]);
  // Dawn crashes the process when its instance is collected before the end.
  Object.assign(globalThis, { dawnInstance: dawn });
  dozeWhileWaiting();
  return dawn;
}
