import { evaluate } from './expression';

export function solveMultistepArithmetic(question: string): string {
  const value = evaluate(question.replace(/ =$/, ''), {
    infix: [
      { '+': (left, right) => left + right, '-': (left, right) => left - right },
      { '*': (left, right) => left * right },
    ],
    prefix: {},
    atom: Number,
  });
  return `${value}`;
}
