/** A number as it stands in the text: `4`, `4.0` and `4e0` stay apart, nothing is rounded. */
export interface JsonNumber {
  readonly text: string;
}

export type StrictJson = string | boolean | null | JsonNumber | StrictJson[] | Map<string, StrictJson>;

/** Deepest nesting that is followed; the reference JSON reader of safetensors stops there too. */
const MAX_DEPTH = 128;

const PLAIN_TEXT = /[^"\\\u0000-\u001f]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const ESCAPES = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/** Whether a string holds half a surrogate pair, which no UTF-8 file can spell. */
export function hasLoneSurrogate(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}

/**
 * Parses JSON for headers that come from strangers. Stricter than `JSON.parse`, which hides what an attack
 * uses: a repeated key is an error (not "the last wins"), numbers keep their spelling, lone surrogates are
 * refused, objects become Maps (so that `__proto__` is a key like any other).
 * Throws an `Error` whose message says what is wrong and at which character.
 */
export function parseStrictJson(text: string): StrictJson {
  const parser = new Parser(text);
  const value = parser.value(0);
  parser.end();
  return value;
}

class Parser {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  value(depth: number): StrictJson {
    if (depth > MAX_DEPTH) this.fail(`nested deeper than ${MAX_DEPTH} levels`);
    this.skipSpace();
    switch (this.text.charAt(this.at)) {
      case '{':
        return this.object(depth);
      case '[':
        return this.array(depth);
      case '"':
        return this.string();
      case 't':
        return this.word('true', true);
      case 'f':
        return this.word('false', false);
      case 'n':
        return this.word('null', null);
      default:
        return this.number();
    }
  }

  end(): void {
    this.skipSpace();
    if (this.at < this.text.length) this.fail('something follows the end of the JSON value');
  }

  private object(depth: number): Map<string, StrictJson> {
    const entries = new Map<string, StrictJson>();
    this.at++;
    this.skipSpace();
    if (this.take('}')) return entries;
    do {
      this.skipSpace();
      if (this.text[this.at] !== '"') this.fail('a key in double quotes is missing');
      const key = this.string();
      if (entries.has(key)) this.fail(`the key ${JSON.stringify(key)} stands twice in one object`);
      this.skipSpace();
      if (!this.take(':')) this.fail('":" is missing');
      entries.set(key, this.value(depth + 1));
      this.skipSpace();
    } while (this.take(','));
    if (!this.take('}')) this.fail('"," or "}" is missing');
    return entries;
  }

  private array(depth: number): StrictJson[] {
    const items: StrictJson[] = [];
    this.at++;
    this.skipSpace();
    if (this.take(']')) return items;
    do {
      items.push(this.value(depth + 1));
      this.skipSpace();
    } while (this.take(','));
    if (!this.take(']')) this.fail('"," or "]" is missing');
    return items;
  }

  private string(): string {
    const start = this.at++;
    let value = '';
    for (;;) {
      PLAIN_TEXT.lastIndex = this.at;
      PLAIN_TEXT.test(this.text);
      value += this.text.slice(this.at, PLAIN_TEXT.lastIndex);
      this.at = PLAIN_TEXT.lastIndex;
      if (this.take('"')) break;
      if (!this.take('\\')) this.fail('a string does not end, or holds a raw control character');
      value += this.escape();
    }
    if (hasLoneSurrogate(value)) {
      this.at = start;
      this.fail('a string holds half a surrogate pair');
    }
    return value;
  }

  private escape(): string {
    const letter = this.text[this.at++] ?? '';
    if (letter === 'u') {
      const digits = this.text.slice(this.at, this.at + 4);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.fail('a \\u escape needs four hexadecimal digits');
      this.at += 4;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    return ESCAPES.get(letter) ?? this.fail('unknown escape in a string');
  }

  private number(): JsonNumber {
    NUMBER.lastIndex = this.at;
    const match = NUMBER.exec(this.text);
    if (match === null) return this.fail('a JSON value is missing');
    this.at = NUMBER.lastIndex;
    return { text: match[0] };
  }

  private word<T>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.at)) this.fail('a JSON value is missing');
    this.at += word.length;
    return value;
  }

  private take(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  private skipSpace(): void {
    while (' \t\n\r'.includes(this.text[this.at] ?? 'x')) this.at++;
  }

  private fail(problem: string): never {
    throw new Error(`${problem} (character ${this.at})`);
  }
}
