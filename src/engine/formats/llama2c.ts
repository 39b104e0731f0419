import { UserError } from '../../config/errors';
import { modulePath, type ModuleName } from '../../config/modules';
import type { Tokenizer } from '../data/tokenizer';
import type { Checkpoint, WeightTensor } from '../model/checkpoint';
import type { LlamaConfig } from '../model/llamaConfig';
import { linearShape } from '../model/tensorShapes';
import type { ByteSource, FileSet } from './byteSource';
import { readLlama2cTokenizer } from './llama2cTokenizer';
import { refuseLfsPointer } from './lfsPointer';

const HEADER_BYTES = 28;
/** "ak42" as a little-endian integer: the mark of versions 1 and 2. */
const NEWER_MAGIC = 0x616b3432;
/** No model of this family comes near; a header beyond is not one. */
const MAX_DIMENSION = 1 << 24;
const MAX_LAYERS = 1024;
const MAX_TOKENIZER_BYTES = 1 << 26;
const ROTARY_TABLES = 'rotary tables, cos and sin';

/**
 * Whether these bytes may be a llama2.c checkpoint: the mark of a newer version, or seven plausible numbers
 * that ask for exactly the file's length.
 */
export async function isLlama2c(source: ByteSource): Promise<boolean> {
  const header = await readHeader(source);
  if (header === undefined) return false;
  return header === 'newer' || fileLength(header) === source.size;
}

/**
 * Opens a llama2.c checkpoint (`.bin`, version 0, f32), with the tokenizer file among `beside` that has as many
 * tokens as the model (`tokenizer.bin` or `tok*.bin`). Names and row order are Hugging Face's: the rows of q
 * and k are put from pairs (2j, 2j+1) to halves (j, j + D/2) as they are read, for any range of bytes.
 * Throws UserError for newer versions and for a file whose length does not fit its header.
 */
export async function openLlama2c(source: ByteSource, beside: FileSet | undefined): Promise<Checkpoint> {
  await refuseLfsPointer(source);
  const header = await readHeader(source);
  if (header === 'newer') {
    throw new UserError(
      source.name,
      'llama2.c files of version 1 and 2 cannot be read, only version 0',
      'export the model again with "export.py --version 0", or as a Hugging Face folder',
    );
  }
  if (header === undefined) {
    throw new UserError(
      source.name,
      'this is not a llama2.c checkpoint: its first 28 bytes do not describe a model',
      'choose a llama2.c .bin file or the folder of a Hugging Face checkpoint',
    );
  }
  const expected = fileLength(header);
  if (expected !== source.size) {
    throw new UserError(
      source.name,
      `its header asks for ${expected} bytes and the file has ${source.size}`,
      'download the file again, it may be cut short',
    );
  }
  return {
    name: source.name,
    config: header,
    tensors: locateTensors(source, header),
    tokenizer: await findTokenizer(source, header.vocabSize, beside),
  };
}

/** Undefined where the numbers cannot be a model; the shapes are checked, the length of the file is not. */
async function readHeader(source: ByteSource): Promise<LlamaConfig | 'newer' | undefined> {
  if (source.size < HEADER_BYTES) return undefined;
  const bytes = await source.read(0, HEADER_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (view.getUint32(0, true) === NEWER_MAGIC) return 'newer';
  const field = (index: number): number => view.getInt32(4 * index, true);
  const [hiddenSize, intermediateSize, layers, heads, kvHeads] = [
    field(0),
    field(1),
    field(2),
    field(3),
    field(4),
  ];
  const vocab = field(5); // negative: the file ends with a classifier of its own
  const maxPositions = field(6);
  const sizes = [hiddenSize, intermediateSize, layers, heads, kvHeads, Math.abs(vocab), maxPositions];
  const plausible =
    sizes.every((size) => size > 0 && size <= MAX_DIMENSION) &&
    layers <= MAX_LAYERS &&
    hiddenSize % heads === 0 &&
    heads % kvHeads === 0 &&
    (hiddenSize / heads) % 2 === 0;
  if (!plausible) return undefined;
  return {
    vocabSize: Math.abs(vocab),
    hiddenSize,
    intermediateSize,
    layers,
    heads,
    kvHeads,
    headDim: hiddenSize / heads,
    rmsNormEps: 1e-5,
    attentionBias: false,
    mlpBias: false,
    tieWordEmbeddings: vocab > 0,
    maxPositions,
    rope: { type: 'default', theta: 10000 },
    bosTokenId: 1,
    eosTokenIds: [2, 1],
  };
}

interface Section {
  readonly name: string;
  readonly shape: readonly number[];
  /** q and k come in the row order of pairs, see readHalves. */
  readonly pairs: boolean;
}

/** Everything in the file, in its order. */
function sections(config: LlamaConfig): Section[] {
  const { vocabSize: V, hiddenSize: C, headDim: D, layers: L, maxPositions } = config;
  const inEveryLayer = (name: string, shape: readonly number[], pairs = false): Section[] =>
    Array.from({ length: L }, (_, layer) => ({ name: `model.layers.${layer}.${name}.weight`, shape, pairs }));
  const linear = (module: ModuleName): Section[] =>
    inEveryLayer(modulePath(module), linearShape(config, module), module === 'q_proj' || module === 'k_proj');
  const single = (name: string, shape: readonly number[]): Section => ({ name, shape, pairs: false });
  return [
    single('model.embed_tokens.weight', [V, C]),
    ...inEveryLayer('input_layernorm', [C]),
    ...linear('q_proj'),
    ...linear('k_proj'),
    ...linear('v_proj'),
    ...linear('o_proj'),
    ...inEveryLayer('post_attention_layernorm', [C]),
    ...linear('gate_proj'),
    ...linear('down_proj'),
    ...linear('up_proj'),
    single('model.norm.weight', [C]),
    single(ROTARY_TABLES, [2, maxPositions, D / 2]),
    ...(config.tieWordEmbeddings ? [] : [single('lm_head.weight', [V, C])]),
  ];
}

function byteLength(shape: readonly number[]): number {
  return 4 * shape.reduce((product, dimension) => product * dimension, 1);
}

function fileLength(config: LlamaConfig): number {
  return sections(config).reduce((sum, { shape }) => sum + byteLength(shape), HEADER_BYTES);
}

function locateTensors(source: ByteSource, config: LlamaConfig): Map<string, WeightTensor> {
  const tensors = new Map<string, WeightTensor>();
  let offset = HEADER_BYTES;
  for (const { name, shape, pairs } of sections(config)) {
    const start = offset;
    const length = byteLength(shape);
    offset += length;
    if (name === ROTARY_TABLES) continue;
    tensors.set(name, {
      name,
      dtype: 'F32',
      shape,
      read: (begin, end) => {
        if (begin < 0 || begin > end || end > length) {
          return Promise.reject(new RangeError(`${name}: bytes ${begin} to ${end} leave the tensor`));
        }
        if (!pairs) return source.read(start + begin, end - begin);
        return readHalves(source, start, 4 * config.hiddenSize, config.headDim, begin, end);
      },
    });
  }
  return tensors;
}

/**
 * Bytes [begin, end) of a q or k weight in rotate-half order. Within each head of D rows the file has
 * row 2j+t where Hugging Face has row t·D/2 + j; the heads that the range touches are read whole.
 */
async function readHalves(
  source: ByteSource,
  start: number,
  rowBytes: number,
  headDim: number,
  begin: number,
  end: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const headBytes = rowBytes * headDim;
  const first = Math.floor(begin / headBytes) * headBytes;
  const last = Math.ceil(end / headBytes) * headBytes;
  const pairs = await source.read(start + first, last - first);
  const halves = new Uint8Array(pairs.byteLength);
  for (let head = 0; head < pairs.byteLength; head += headBytes) {
    for (let row = 0; row < headDim; row++) {
      const half = row < headDim / 2 ? 0 : 1;
      const from = head + rowBytes * (2 * (row - (half * headDim) / 2) + half);
      halves.set(pairs.subarray(from, from + rowBytes), head + rowBytes * row);
    }
  }
  return halves.subarray(begin - first, end - first);
}

/** Whether a file name is one that llama2.c gives to its tokenizers. */
export function isLlama2cTokenizerName(name: string): boolean {
  return /^tok.*\.bin$/.test(name);
}

/** The first tokenizer file beside the model that has its number of tokens; undefined where none is there. */
async function findTokenizer(
  model: ByteSource,
  vocabSize: number,
  beside: FileSet | undefined,
): Promise<Tokenizer | undefined> {
  let refusal: UserError | undefined;
  for (const [name, file] of beside?.files ?? []) {
    if (!isLlama2cTokenizerName(name) || name === model.name || file.size > MAX_TOKENIZER_BYTES) continue;
    try {
      return readLlama2cTokenizer(name, await file.read(0, file.size), vocabSize);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      refusal = error;
    }
  }
  if (refusal !== undefined) throw refusal;
  return undefined;
}
