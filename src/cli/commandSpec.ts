import type { Flags } from './flags';
import type { Io, Outcome } from './io';

/** One `--key VALUE` of a command. */
export interface FlagSpec {
  readonly key: string;
  /** What stands for the value in the help, for example DIR. */
  readonly value: string;
  readonly hint: string;
  readonly required?: boolean;
  /** What the flag stands for without a value, where it may be given so. */
  readonly preset?: string;
}

/** One command: what it is called, what it takes and what it does. `--json` is added to each. */
export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  /** The one argument without a flag, where there is one. */
  readonly argument?: FlagSpec;
  readonly flags: readonly FlagSpec[];
  run(flags: Flags, io: Io): Promise<Outcome>;
}

export const MODEL: FlagSpec = {
  key: 'model',
  value: 'PATH',
  hint: 'folder of a Hugging Face LLaMA checkpoint, or a llama2.c .bin with its tokenizer beside it',
  required: true,
};

export const ADAPTER: FlagSpec = {
  key: 'adapter',
  value: 'PATH',
  hint: 'adapter for the model: a folder that train wrote, a native file, or a PEFT LoRA folder',
};

export const DATA: FlagSpec = {
  key: 'data',
  value: 'FILE',
  hint: 'data set: plain text, JSON or JSON Lines, recognised by content',
  required: true,
};

export const SCENARIO: FlagSpec = {
  key: 'scenario',
  value: 'ID',
  hint: 'one of the scenarios that `masa scenarios` lists, in place of --data',
};

/** Where a scenario may take the place of the flag. */
export function unlessScenario(flag: FlagSpec): FlagSpec {
  return { ...flag, required: false, hint: `${flag.hint}; required without --scenario` };
}

export const COLUMNS: FlagSpec = {
  key: 'columns',
  value: 'FIELD=COLUMN,…',
  hint: 'which column of the data stands for which field, for example prompt=source,completion=summary',
};
