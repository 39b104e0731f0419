import { UserError } from '../config/errors';
import { logits } from '../engine';
import { fromFloat32 } from '../engine/formats/dtypes';
import { writeSafetensors } from '../engine/formats/safetensors';
import { adapterOf, withAdapter } from './adapter';
import { ADAPTER, MODEL, type CommandSpec } from './commandSpec';
import { writeWhole } from './disk';
import { withDevice } from './gpu';
import { loadModel, openModel } from './model';

/** `masa logits`: what the model says at every position of one text, for comparison with other programs. */
export const logitsCommand: CommandSpec = {
  name: 'logits',
  summary: 'writes the logits of some tokens to a safetensors file',
  flags: [
    MODEL,
    ADAPTER,
    {
      key: 'tokens',
      value: '1,2,3',
      hint: 'ids of the tokens, exactly as they are to be read',
      required: true,
    },
    {
      key: 'out',
      value: 'FILE',
      hint: 'safetensors file to be written: F32 "logits" [T, V]',
      required: true,
    },
  ],
  async run(flags, io) {
    const text = flags.required('tokens');
    const out = flags.required('out');
    const checkpoint = await openModel(flags);
    const { vocabSize } = checkpoint.config;
    const tokens = parseTokens(text, vocabSize);
    const adapter = await adapterOf(flags, checkpoint);
    const values = await withDevice(io, async (gpu) => {
      const base = await loadModel(io, gpu, checkpoint);
      return await withAdapter(base, adapter, (attached) => logits(base, tokens, attached));
    });
    const shape = [tokens.length, vocabSize];
    const bytes = fromFloat32(values, 'F32');
    await writeWhole(out, writeSafetensors([{ name: 'logits', dtype: 'F32', shape, bytes }]));
    return {
      document: { out, tensor: 'logits', dtype: 'F32', shape },
      text: `Wrote logits [${shape.join(', ')}] to ${out}.`,
    };
  },
};

function parseTokens(text: string, vocabSize: number): number[] {
  return text.split(',').map((part) => {
    const id = /^\s*\d+\s*$/.test(part) ? Number(part) : Number.NaN;
    if (id < vocabSize) return id;
    const problem = `${JSON.stringify(part.trim())} is no token of this model`;
    throw new UserError(
      '--tokens',
      problem,
      `give whole numbers from 0 to ${vocabSize - 1} with commas between`,
    );
  });
}
