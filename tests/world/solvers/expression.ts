/** What an expression is made of. Every symbol is a word between spaces; `(` and `)` group. */
export interface Notation<Value> {
  /** Operators between two values, those that bind least first; all group from the left. */
  readonly infix: readonly Readonly<Record<string, (left: Value, right: Value) => Value>>[];
  /** Operators in front of a value, which bind most. */
  readonly prefix: Readonly<Record<string, (value: Value) => Value>>;
  readonly atom: (word: string) => Value;
}

/** The value of an expression, by recursive descent. */
export function evaluate<Value>(text: string, { infix, prefix, atom }: Notation<Value>): Value {
  const words = text.split(' ');
  const value = operation(0);
  if (words.length > 0) throw new Error(`"${words.join(' ')}" is left over in "${text}"`);
  return value;

  function operation(level: number): Value {
    const operators = infix[level];
    if (operators === undefined) return operand();
    let left = operation(level + 1);
    for (;;) {
      const apply = operators[words[0] ?? ''];
      if (apply === undefined) return left;
      words.shift();
      left = apply(left, operation(level + 1));
    }
  }

  function operand(): Value {
    const word = words.shift() ?? '';
    const before = prefix[word];
    if (before !== undefined) return before(operand());
    if (word !== '(') return atom(word);
    const inner = operation(0);
    if (words.shift() !== ')') throw new Error(`a bracket stays open in "${text}"`);
    return inner;
  }
}
