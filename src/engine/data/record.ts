export type Role = 'system' | 'user' | 'assistant' | 'tool';

/** One turn of a conversation. */
export interface Turn {
  readonly role: Role;
  readonly content: string;
  /** Alpaca's second field of a question, kept apart because the plain template gives it its own heading. */
  readonly input?: string;
  /** Whether the model learns to write this turn. */
  readonly trained: boolean;
}

/** What is learnt from one record, before any template and tokenizer. */
export type RecordContent =
  | { readonly kind: 'text'; readonly text: string }
  /** The prompt is already in the shape in which the model will meet it. */
  | { readonly kind: 'completion'; readonly prompt: string; readonly completion: string }
  | { readonly kind: 'chat'; readonly turns: readonly Turn[] };

/** One record of a data set. */
export interface DataRecord {
  /** Line (in a JSON array: item; in a plain text: document) that it comes from, counted from 1. */
  readonly at: number;
  /** Label of the task or domain, where the data set has one. */
  readonly task: string | undefined;
  readonly content: RecordContent;
}

/** Why one record cannot be used; readers catch it, report it and skip the record. */
export class BadRecord extends Error {}

/** A record that was skipped. */
export interface RecordProblem {
  readonly at: number;
  readonly reason: string;
}
