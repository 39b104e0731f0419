/**
 * Cuts text where byte-pair encoding can never join the two sides, so that a long text is encoded in short,
 * cacheable pieces with exactly the ids of the whole. A merge (a, b) that bridges two characters x|y has an a
 * that ends in x and a b that begins with y; where no merge has that seam, nothing crosses.
 */
export class MergeSeams {
  private readonly seams: ReadonlySet<string>;

  /** `merges`: the pairs of tokens that the model may join. */
  constructor(merges: Iterable<readonly [string, string]>) {
    const seams = new Set<string>();
    for (const [left, right] of merges) seams.add(lastCharacter(left) + firstCharacter(right));
    this.seams = seams;
  }

  /** The pieces of `text`, in order; joined they are `text`. */
  split(text: string): string[] {
    const pieces: string[] = [];
    let start = 0;
    let at = 0;
    let previous = '';
    for (const character of text) {
      if (at > start && !this.seams.has(previous + character)) {
        pieces.push(text.slice(start, at));
        start = at;
      }
      at += character.length;
      previous = character;
    }
    if (at > start) pieces.push(text.slice(start));
    return pieces;
  }
}

function firstCharacter(token: string): string {
  return String.fromCodePoint(token.codePointAt(0) ?? 0);
}

function lastCharacter(token: string): string {
  return Array.from(token.slice(-2)).at(-1) ?? '';
}
