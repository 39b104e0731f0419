/** Crosses out neighbours that belong together until none are left, and mirrors the rest. */
export function solveBracketCompletion(question: string): string {
  const [, amount, brackets] = /^Close (one bracket|all brackets) : (.+)$/.exec(question)!;
  let row = brackets!.replaceAll(' ', '');
  for (let before = ''; before !== row;) {
    before = row;
    row = row.replace(/\(\)|\[\]|\{\}|<>/g, '');
  }
  const closing = Array.from(row)
    .reverse()
    .map((open) => ')]}>'.charAt('([{<'.indexOf(open)));
  return (amount === 'one bracket' ? closing.slice(0, 1) : closing).join(' ');
}
