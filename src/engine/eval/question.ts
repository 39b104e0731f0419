/** A question with choices, as every reader of a question file and every task of the world gives it. */
export interface ChoiceQuestion {
  /** Questions with the same task are summed up in one row of the result. */
  readonly task: string;
  /** The prompt, as text, few-shot examples included; it may be empty where the tokenizer adds a BOS. */
  readonly context: string;
  /**
   * What the model is asked to continue the context with, one text a choice, at least two, with the delimiter in
   * front: " True". A blank at the end of the context moves to the front of the continuation before tokenising.
   */
  readonly continuations: readonly string[];
  /** Length of each choice in characters (code points, as Python's len), the delimiter not counted; for acc_norm. */
  readonly lengths: readonly number[];
  /** Index of the right choice. */
  readonly answer: number;
  /** Share of right answers that blind choice reaches, 1 / choices. */
  readonly chance: number;
}

/** A question whose answer is generated, greedily, and then judged. */
export interface ExactQuestion {
  /** Questions with the same task are summed up in one row of the result. */
  readonly task: string;
  /** The prompt, as text, few-shot examples included. */
  readonly prompt: string;
  /** The right answer, for reports; `judge` alone decides. */
  readonly target: string;
  /** Texts that end the answer; the earliest of them cuts it. An end-of-text token of the model always ends it. */
  readonly stop: readonly string[];
  /** Tokens to generate, at most. */
  readonly maxNewTokens: number;
  /** Whether an answer is right: the generated text, cut in front of the first stop text, not trimmed. */
  judge(text: string): boolean;
}

/** Length in code points, as Python's len counts it: what `ChoiceQuestion.lengths` holds. */
export function characters(text: string): number {
  return Array.from(text).length;
}
