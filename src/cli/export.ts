import { join } from 'node:path';
import { UserError } from '../config/errors';
import { readNativeAdapter } from '../engine/export/nativeAdapter';
import { verifyPeft, writePeft } from '../engine/export/peft';
import { isFileSet, recognise } from '../engine/formats/recognise';
import type { CommandSpec } from './commandSpec';
import { makeFolder, namesIn, writeWhole } from './disk';
import { openBeside, openFolder, openPath } from './files';

const FORMATS: Readonly<Record<string, 'ready' | 'planned'>> = {
  peft: 'ready',
  gguf: 'planned',
  merged: 'planned',
};

/** `masa export`: writes an adapter in a form that other programs read. */
export const exportAdapter: CommandSpec = {
  name: 'export',
  summary: 'writes an adapter for other programs',
  flags: [
    {
      key: 'adapter',
      value: 'PATH',
      hint: 'folder that train wrote, or the native file in it',
      required: true,
    },
    { key: 'format', value: 'peft', hint: 'peft: a LoRA folder as PEFT reads it', required: true },
    { key: 'out', value: 'DIR', hint: 'folder to be made', required: true },
    { key: 'base_model', value: 'NAME', hint: 'Hub id of the base model, for other programs to find it' },
  ],
  async run(flags) {
    requireFormat(flags.required('format'));
    const path = flags.required('adapter');
    const out = flags.required('out');
    const source = await openPath(path);
    const found = await recognise(source, isFileSet(source) ? undefined : await openBeside(path));
    if (found.kind === 'peft-adapter') {
      throw new UserError(path, 'this is a PEFT adapter already', 'use it as it is');
    }
    if (found.kind !== 'native-adapter' && found.kind !== 'safetensors') {
      throw new UserError(path, 'there is no adapter here', 'give a folder that train wrote');
    }
    const adapter = await readNativeAdapter(found.file);
    const files = writePeft(adapter, flags.optional('base_model'));
    if ((await namesIn(out)).length > 0) {
      throw new UserError(out, 'the folder is not empty', 'give a new one, or empty it first');
    }
    await makeFolder(out);
    for (const [name, bytes] of files) await writeWhole(join(out, name), bytes);
    await verifyPeft(await openFolder(out), adapter);
    const names = [...files.keys()];
    return {
      document: { format: 'peft', out, files: names },
      text: `Wrote ${names.join(', ')} to ${out} and compared them with the adapter.`,
    };
  },
};

function requireFormat(format: string): void {
  const state = Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
  if (state === 'ready') return;
  const problem =
    state === 'planned'
      ? `the format ${format} is not there yet`
      : `there is no format ${JSON.stringify(format)}`;
  throw new UserError('--format', problem, 'give peft');
}
