import { MODULES, type ModuleName } from '../../config/modules';
import type { ExpertReport } from '../../engine/analysis/features/report';
import { modulesOf } from './figures';

/** Layer and module that some of the figures are about. */
export function PlacePicker({
  report,
  layer,
  module,
  onChange,
}: {
  readonly report: ExpertReport;
  readonly layer: number;
  readonly module: ModuleName;
  readonly onChange: (layer: number, module: ModuleName) => void;
}) {
  return (
    <>
      <label>
        Layer
        <select
          value={layer}
          onChange={({ target }) => {
            onChange(Number(target.value), module);
          }}
        >
          {report.layers.map((index) => (
            <option key={index}>{index}</option>
          ))}
        </select>
      </label>
      <label>
        Module
        <select
          value={module}
          onChange={({ target }) => {
            onChange(layer, MODULES.find((name) => name === target.value) ?? module);
          }}
        >
          {modulesOf(report).map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
    </>
  );
}
