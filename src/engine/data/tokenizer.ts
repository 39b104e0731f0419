/** Text to token ids and back. */
export interface Tokenizer {
  readonly vocabSize: number;
  /** Token put before a document, where the model was trained with one. */
  readonly bosId: number | undefined;
  /** Tokens that end a text; the first is the one appended in training. */
  readonly eosIds: readonly number[];
  /** Ids of `text` alone: no BOS, no EOS, nothing trimmed. Empty text gives []. */
  encode(text: string): number[];
  /** Text of the ids, special tokens left out. `decode([])` is ''. */
  decode(ids: readonly number[]): string;
  /** Jinja chat template of the model, where the checkpoint brings one. */
  readonly chatTemplate: string | undefined;
  /**
   * The strings that `encode` turns into one control token wherever they occur, with their ids. Absent where
   * `encode` knows none. Templates write them; the text of a data set must not (see data/guard.ts).
   */
  readonly specialTokens?: ReadonlyMap<string, number>;
}
