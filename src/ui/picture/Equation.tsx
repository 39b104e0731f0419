import type { CSSProperties } from 'react';
import type { BlockPlace } from '../../state/view';
import { formatValue } from '../shared/format';
import { blockColour } from './tint';
import { addedTerms, type Subject, type Term } from './words';

/** What a module computes, each symbol underlined in the colour of its blocks. */
export function Equation({
  subject,
  place,
  scale,
}: {
  readonly subject: Subject;
  readonly place: BlockPlace;
  /** lora_alpha / r */
  readonly scale: number;
}) {
  const { block, targets } = subject;
  const { terms, spoken } = addedTerms(block);
  const adapted = targets.includes(place.module);
  const term = (each: Term, index: number) => (
    <Symbol key={index} term={each} subject={subject} place={place} />
  );
  const before: readonly Term[] = [{ text: 'W', part: 'W' }, { text: 'x' }];
  return (
    <div className="equation">
      <div
        className="equation-line"
        role="math"
        aria-label={`y equals W x${adapted ? ` plus ${spoken}` : ''}`}
      >
        <span className="equation-part">
          <span>
            <i>y</i> =
          </span>
        </span>
        <span className="equation-part">
          <span>{before.map(term)}</span>
          <small>the model as it was</small>
        </span>
        {adapted ? (
          <span className="equation-part">
            <span>+ {terms.map(term)}</span>
            <small>what training adds</small>
          </span>
        ) : null}
      </div>
      {adapted ? (
        <p className="small muted number">
          s = alpha / r = {formatValue(scale)}. B begins at zero, so training begins with the model as it was.
        </p>
      ) : null}
    </div>
  );
}

function Symbol({
  term: { text, indexed, part },
  subject,
  place,
}: {
  readonly term: Term;
  readonly subject: Subject;
  readonly place: BlockPlace;
}) {
  const letter = (
    <>
      <i>{text}</i>
      {indexed === true ? <sub>i</sub> : null}
    </>
  );
  if (part === undefined) return <span className="symbol">{letter}</span>;
  const expert = part === place.part ? place.expert : 0;
  const colour = blockColour(subject.block, { part, layers: [place.layer, place.layer], expert });
  const style: CSSProperties = { color: colour };
  return (
    <span className={`symbol part-${part}`} style={style}>
      <span>{letter}</span>
    </span>
  );
}
