import type { CSSProperties } from 'react';
import { expertsOf } from '../../engine/adapters/layout';
import type { BlockPart } from '../../state/view';
import { formatCount, formatValue } from '../shared/format';
import type { Sizes } from './sizes';
import { blockColour, coloursOf } from './tint';
import { blockFacts, type Subject } from './words';

/** What the blocks are and do, and what their colours tell apart. */
export function Legend({ subject, layer }: { readonly subject: Subject; readonly layer: number }) {
  const { block, r } = subject;
  const parts: readonly (readonly [BlockPart, string])[] = [
    ['W', 'W, frozen: a weight matrix of the model as it came'],
    ['A', `A, trains: narrows the input to r = ${r} numbers`],
    ...(block.mix === 'router'
      ? ([['router', `Router, trains: weighs the ${expertsOf(block)} experts anew for each token`]] as const)
      : []),
    ['B', 'B, trains: widens them to a change of the output'],
  ];
  return (
    <div className="picture-legend">
      <ul>
        {parts.map(([part, text]) => {
          const colour = blockColour(block, { part, layers: [layer, layer], expert: 0 });
          const style: CSSProperties = { color: colour };
          return (
            <li key={part}>
              <svg width="22" height="12" aria-hidden="true">
                <rect
                  className={`picture-block part-${part}`}
                  x={part === 'router' ? 6 : 1}
                  y={part === 'router' ? 3 : 2}
                  width={part === 'router' ? 10 : 20}
                  height={part === 'router' ? 6 : 8}
                  rx={part === 'router' ? 3 : 2}
                  style={style}
                />
              </svg>
              {text}
            </li>
          );
        })}
      </ul>
      <p className="small muted">{colourSentence(subject)}</p>
    </div>
  );
}

function colourSentence({ block, config }: Subject): string {
  if (coloursOf(block) === 'experts')
    return 'A colour is an expert, the same as in the charts of experts; what serves all experts is dark.';
  if (block.groupSize === 1) return 'A colour is a layer: no layer shares anything with another.';
  const groups = Math.ceil(config.layers / block.groupSize);
  const again = groups > 8 ? ' (they begin again after eight)' : '';
  return `A colour is a group of layers that share their A’s${again}.`;
}

/** What the strength of a colour says. */
export function SizeLegend({ sizes, subject }: { readonly sizes: Sizes; readonly subject: Subject }) {
  const { of, largest, step, ofOther } = sizes;
  if (ofOther) {
    return (
      <p className="small muted">
        The run on the page has other settings than the form, so its sizes are not drawn.
      </p>
    );
  }
  if (of === undefined || largest === undefined) return null;
  const { name, use } = blockFacts(subject, largest.block);
  return (
    <p className="picture-scale small number">
      <span>
        {of === 'gradient' ? 'Gradient' : 'Update'} of step {formatCount(step)}: a thousandth of the largest,
        or less
      </span>
      <i aria-hidden="true" />
      <span>
        the largest, {formatValue(largest.norm)} ({name}, {use}); log scale
      </span>
    </p>
  );
}
