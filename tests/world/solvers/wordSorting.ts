/** By letter, each word put in front of the first one that comes after it. */
export function solveWordSorting(question: string): string {
  const sorted: string[] = [];
  for (const word of question.replace('Sort these words: ', '').split(' ')) {
    const place = sorted.findIndex((other) => other.localeCompare(word, 'en') > 0);
    sorted.splice(place < 0 ? sorted.length : place, 0, word);
  }
  return sorted.join(' ');
}
