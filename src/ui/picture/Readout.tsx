import { chooseBlock, setDrawer, type BlockPlace } from '../../state/view';
import { formatCount, formatValue } from '../shared/format';
import type { PictureBlock } from './geometry';
import type { Sizes } from './sizes';
import { blockFacts, type Subject } from './words';

/** What the pointed or chosen block is, always in the same place. */
export function Readout({
  subject,
  block,
  place,
  sizes,
}: {
  readonly subject: Subject;
  readonly block: PictureBlock;
  readonly place: BlockPlace;
  readonly sizes: Sizes;
}) {
  const { name, shape, weights, use, trains } = blockFacts(subject, block);
  const norms = (['gradient', 'update'] as const).map((of) => [of, sizes.norm(block, of)] as const);
  return (
    <div className="picture-readout">
      <p>
        <strong>{name}</strong>, {use}
      </p>
      <p className="small muted number">
        {shape}, {formatCount(weights)} weights, {trains ? 'trains' : 'frozen: the model as it came'}
      </p>
      <p className="small muted number">
        {trains
          ? norms.some(([, norm]) => norm !== undefined)
            ? `step ${formatCount(sizes.step)}: ${norms
                .map(([of, norm]) => `${of} ${norm === undefined ? 'unknown' : formatValue(norm)}`)
                .join(', ')} (norms)`
            : 'The sizes of its gradient and of its update appear here in a run.'
          : 'It gets no gradient and no update.'}
      </p>
      <button
        type="button"
        className="button quiet"
        onClick={() => {
          chooseBlock(place);
          setDrawer('experts');
        }}
      >
        Look inside
      </button>
    </div>
  );
}
