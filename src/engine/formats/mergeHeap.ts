/** A pair that byte-pair encoding may join: the symbol at index `left` with its right neighbour, to `text`. */
export interface Merge {
  readonly score: number;
  readonly left: number;
  readonly text: string;
}

/** Binary heap of candidate merges: highest score first, leftmost among equals. */
export class MergeHeap {
  private readonly items: Merge[] = [];

  push(merge: Merge): void {
    let at = this.items.length;
    this.items.push(merge);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.items[parent];
      if (above === undefined || !comesFirst(merge, above)) break;
      this.items[at] = above;
      at = parent;
    }
    this.items[at] = merge;
  }

  pop(): Merge | undefined {
    const top = this.items[0];
    const last = this.items.pop();
    if (top === undefined || last === undefined || this.items.length === 0) return top;
    let at = 0;
    for (;;) {
      const left = this.items[2 * at + 1];
      const right = this.items[2 * at + 2];
      if (left === undefined) break;
      const takeRight = right !== undefined && comesFirst(right, left);
      const child = takeRight ? right : left;
      if (!comesFirst(child, last)) break;
      this.items[at] = child;
      at = 2 * at + (takeRight ? 2 : 1);
    }
    this.items[at] = last;
    return top;
  }
}

function comesFirst(a: Merge, b: Merge): boolean {
  return a.score > b.score || (a.score === b.score && a.left < b.left);
}
