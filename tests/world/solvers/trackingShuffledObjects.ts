/** Follows the asked person's thing backwards, from the last swap to the first holder. */
export function solveTrackingShuffledObjects(question: string): string {
  let [, holder] = /What does (\w+) have\?$/.exec(question)!;
  const swaps = [...question.matchAll(/(\w+) and (\w+) swap\./g)].reverse();
  for (const [, one, other] of swaps) {
    if (holder === one) holder = other;
    else if (holder === other) holder = one;
  }
  return new RegExp(`${holder} has an? (\\w+)`).exec(question)![1]!;
}
