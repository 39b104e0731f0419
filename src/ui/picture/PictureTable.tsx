import { MODULES } from '../../config/modules';
import { expertsOf } from '../../engine/adapters/layout';
import { linearShape } from '../../engine/model/tensorShapes';
import { formatCount } from '../shared/format';
import type { Subject } from './words';

/** The picture as a table: how many matrices of which shape each module has over all layers. */
export function PictureTable({ subject }: { readonly subject: Subject }) {
  const { block, config, r, targets } = subject;
  const { downs, ups, mix, groupSize } = block;
  const groups = Math.ceil(config.layers / groupSize);
  const routed = mix === 'router';
  return (
    <details className="details">
      <summary>The picture as a table</summary>
      <div className="picture-table" role="region" aria-label="The picture as a table" tabIndex={0}>
        <table className="number">
          <thead>
            <tr>
              <th scope="col">module</th>
              <th scope="col">W, frozen</th>
              <th scope="col">A</th>
              <th scope="col">B</th>
              {routed ? <th scope="col">router</th> : null}
              <th scope="col">trainable weights</th>
            </tr>
          </thead>
          <tbody>
            {MODULES.map((module) => {
              const [out, input] = linearShape(config, module);
              const cell = (count: number, rows: number, columns: number) =>
                `${formatCount(count)} of ${formatCount(rows)} × ${formatCount(columns)}`;
              const adapted = targets.includes(module);
              const [as, bs] = [groups * downs, config.layers * ups];
              const router = routed ? config.layers * expertsOf(block) * input : 0;
              return (
                <tr key={module}>
                  <th scope="row">{module}</th>
                  <td>{cell(config.layers, out, input)}</td>
                  <td>{adapted ? cell(as, r, input) : 'none'}</td>
                  <td>{adapted ? cell(bs, out, r) : 'none'}</td>
                  {routed ? <td>{adapted ? cell(config.layers, expertsOf(block), input) : 'none'}</td> : null}
                  <td>{formatCount(adapted ? as * r * input + bs * out * r + router : 0)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </details>
  );
}
