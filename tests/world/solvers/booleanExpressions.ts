import { evaluate } from './expression';

export function solveBooleanExpressions(question: string): string {
  const value = evaluate(question.replace(/ is$/, ''), {
    infix: [{ or: (left, right) => left || right }, { and: (left, right) => left && right }],
    prefix: { not: (value) => !value },
    atom: (word) => ({ True: true, False: false })[word]!,
  });
  return value ? 'True' : 'False';
}
