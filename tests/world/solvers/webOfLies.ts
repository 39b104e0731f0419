/** Tries who could be lying until nobody's words contradict it. */
export function solveWebOfLies(question: string): string {
  const claims = [...question.matchAll(/(\w+)(?: says (\w+))? (tells the truth|lies)\./g)];
  const [, asked] = /Does (\w+) tell the truth\?$/.exec(question)!;
  const people = [...new Set(claims.flatMap(([, speaker, other]) => (other ? [speaker, other] : [speaker])))];
  const answers = new Set<string>();
  for (let bits = 0; bits < 1 << people.length; bits++) {
    const honest = (name: string | undefined) => ((bits >> people.indexOf(name)) & 1) === 1;
    const holds = claims.every(([, speaker, other, claim]) => {
      const truth = claim === 'tells the truth';
      return other === undefined ? honest(speaker) === truth : honest(speaker) === (honest(other) === truth);
    });
    if (holds) answers.add(honest(asked) ? 'yes' : 'no');
  }
  return [...answers].join(' or ');
}
