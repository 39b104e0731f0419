import { BPE, PreTokenizer, Tokenizer as Library } from '@huggingface/tokenizers';
import { UserError } from '../../config/errors';
import type { Tokenizer } from '../data/tokenizer';
import type { LlamaConfig } from '../model/llamaConfig';
import type { FileSet } from './byteSource';
import { tokenIds } from './hfConfig';
import { isJsonObject, readJsonObject, readOptionalJson, readText, type JsonObject } from './jsonFile';
import { MergeSeams } from './mergeSeams';

/** Pieces up to this length (characters) are encoded as they are; longer ones are cut at seams. */
const LONG_PIECE = 64;

/**
 * The tokenizer of a Hugging Face folder: `tokenizer.json` with what `tokenizer_config.json`,
 * `special_tokens_map.json`, `generation_config.json` and `chat_template.jinja` add to it. Undefined where the
 * folder has no `tokenizer.json`. Throws UserError for a file that cannot be used, or that knows more tokens
 * than the model.
 */
export async function openHfTokenizer(
  files: FileSet,
  config: Pick<LlamaConfig, 'eosTokenIds' | 'vocabSize'>,
): Promise<Tokenizer | undefined> {
  const source = files.files.get('tokenizer.json');
  if (source === undefined) return undefined;
  const json = await readJsonObject(source);
  const settings = (await readOptionalJson(files, 'tokenizer_config.json')) ?? {};
  const special = (await readOptionalJson(files, 'special_tokens_map.json')) ?? {};
  const generation = (await readOptionalJson(files, 'generation_config.json')) ?? {};
  const template = files.files.get('chat_template.jinja');
  const library = makeLibrary(source.name, withoutSurplus(json, config.vocabSize), settings);

  const specialId = (key: string): number[] => {
    const content = tokenContent(settings[key]) ?? tokenContent(special[key]);
    const id = content === undefined ? undefined : library.token_to_id(content);
    return id === undefined ? [] : [id];
  };
  const eosIds = new Set([
    ...specialId('eos_token'),
    ...tokenIds('generation_config.json', 'eos_token_id', generation['eos_token_id']),
    ...config.eosTokenIds,
  ]);
  const vocabSize = library.model?.vocab.length ?? 0;
  if (vocabSize > config.vocabSize) {
    const problem = `it has ${vocabSize} tokens and the model only ${config.vocabSize}`;
    throw new UserError(source.name, problem, 'use the tokenizer that came with the model');
  }
  return {
    vocabSize,
    bosId: leadingId(library) ?? (settings['add_bos_token'] === true ? specialId('bos_token')[0] : undefined),
    eosIds: [...eosIds].filter((id) => id < config.vocabSize),
    specialTokens: specialTokens(library),
    chatTemplate: template === undefined ? configTemplate(settings) : await readText(template),
    encode: (text) => (text === '' ? [] : library.encode(text, { add_special_tokens: false }).ids),
    // The library throws on an empty list. Clean-up of spaces is off: it would alter text that was encoded.
    decode: (ids) =>
      ids.length === 0
        ? ''
        : library.decode([...ids], { skip_special_tokens: true, clean_up_tokenization_spaces: false }),
  };
}

/**
 * Leaves out added tokens that the model has no row for (a padding token, say, added later), so that text which
 * happens to spell one cannot lead out of the embedding.
 */
function withoutSurplus(json: JsonObject, vocabSize: number): JsonObject {
  const added = json['added_tokens'];
  if (!Array.isArray(added)) return json;
  const fits = (token: unknown): boolean =>
    isJsonObject(token) && typeof token['id'] === 'number' && token['id'] < vocabSize;
  return { ...json, added_tokens: added.filter(fits) };
}

function makeLibrary(file: string, json: JsonObject, settings: JsonObject): Library {
  let library: Library;
  try {
    library = new Library(json, settings);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(file, `not a tokenizer that can be used (${reason})`, 'download the file again');
  }
  if (library.model instanceof BPE && canCut(library.model)) {
    library.pre_tokenizer = new CutAtSeams(library.pre_tokenizer, library.model);
  }
  return library;
}

/** Affixes change the first and last symbol of a piece, so that a cut would show. */
function canCut(model: BPE): boolean {
  return !model.end_of_word_suffix && !model.continuing_subword_suffix;
}

/**
 * A tokenizer's own pre-tokenizer, and after it a cut of long pieces where no merge can cross. Llama-2 style
 * tokenizers have no pre-tokenizer: their cost grows faster than the length of the text without this.
 */
class CutAtSeams extends PreTokenizer {
  private readonly before: PreTokenizer | null;
  private readonly seams: MergeSeams;
  private readonly whole: ReadonlyMap<string, number>;

  constructor(before: PreTokenizer | null, model: BPE) {
    super();
    this.before = before;
    this.seams = new MergeSeams(model.merges);
    // With `ignore_merges` a piece that is a token is taken whole, whatever its merges say.
    this.whole = model.ignore_merges ? model.tokens_to_ids : new Map();
  }

  override pre_tokenize_text(text: string, options?: { section_index?: number }): string[] {
    const pieces = this.before === null ? [text] : this.before.pre_tokenize(text, options);
    return pieces.flatMap((piece) =>
      piece.length <= LONG_PIECE || this.whole.has(piece) ? [piece] : this.seams.split(piece),
    );
  }
}

function specialTokens(library: Library): Map<string, number> {
  const tokens = [...library.get_added_tokens_decoder()].filter(([, token]) => token.special);
  return new Map(tokens.map(([id, token]) => [token.content, id]));
}

/** The token that the post-processor puts before every text, if it does. */
function leadingId(library: Library): number | undefined {
  const plain = library.encode('a', { add_special_tokens: false }).ids;
  const full = library.encode('a').ids;
  return full.length > plain.length && full[0] !== plain[0] ? full[0] : undefined;
}

/** A special token is written as its text, or as an object with the text in `content`. */
function tokenContent(value: unknown): string | undefined {
  const content = isJsonObject(value) ? value['content'] : value;
  return typeof content === 'string' ? content : undefined;
}

/** `chat_template` of tokenizer_config.json: a string, or a list of named ones. */
function configTemplate(settings: JsonObject): string | undefined {
  const value = settings['chat_template'];
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return undefined;
  const templates = (value as unknown[]).filter(isJsonObject);
  const template = templates.find((entry) => entry['name'] === 'default')?.['template'];
  return typeof template === 'string' ? template : undefined;
}
