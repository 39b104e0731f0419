import { UserError } from '../config/errors';

/** Which numbers a flag takes, both ends included unless `above` says otherwise. */
export interface NumberRange {
  readonly integer: boolean;
  readonly min: number;
  readonly max: number;
  /** Whether `min` itself is refused. */
  readonly above?: boolean;
}

/** The flags of one call, by key, as they were typed; the readers check and convert them. */
export class Flags {
  readonly #values: ReadonlyMap<string, string>;
  /** Whether the answer is to be one JSON document. */
  readonly json: boolean;

  constructor(values: ReadonlyMap<string, string>, json: boolean) {
    this.#values = values;
    this.json = json;
  }

  /** Text of a flag that has to be there, not empty. */
  required(key: string): string {
    const text = this.optional(key);
    if (text === undefined) throw new UserError(`--${key}`, 'it is missing', `give --${key}`);
    return text;
  }

  /** Text of a flag that may be left out but not be empty. */
  optional(key: string): string | undefined {
    const text = this.#values.get(key);
    if (text === '') throw new UserError(`--${key}`, 'its value is empty', 'give one or leave the flag out');
    return text;
  }

  /** Text of a flag, empty or not, or `fallback`. */
  text(key: string, fallback: string): string {
    return this.#values.get(key) ?? fallback;
  }

  /** Number of a flag that may be left out; throws UserError outside of the range. */
  number(key: string, range: NumberRange): number | undefined {
    const text = this.#values.get(key);
    return text === undefined ? undefined : parseNumber(`--${key}`, text, range);
  }

  /** The flags whose keys pass the test, as they were typed. */
  chosen(test: (key: string) => boolean): [key: string, text: string][] {
    return [...this.#values].filter(([key]) => test(key));
  }
}

/** The number that `text` stands for; `subject` names it in the UserError where it is none or out of range. */
export function parseNumber(subject: string, text: string, range: NumberRange): number {
  const { integer, min, max, above = false } = range;
  const value = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text) ? Number(text) : Number.NaN;
  const valid = value <= max && (above ? value > min : value >= min) && (!integer || Number.isInteger(value));
  if (valid) return value;
  const noun = integer ? 'a whole number' : 'a number';
  const from = above ? `above ${min}` : `from ${min}`;
  const remedy = max === Infinity ? `give ${noun} ${from}` : `give ${noun} ${from} to ${max}`;
  throw new UserError(subject, `${JSON.stringify(text)} cannot be used`, remedy);
}
