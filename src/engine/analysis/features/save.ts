import { modulePath } from '../../../config/modules';
import { fromFloat32 } from '../../formats/dtypes';
import { writeSafetensors, type SafetensorsTensor } from '../../formats/safetensors';
import type { Matrix } from '../matrix';
import type { ExpertFeatures } from './reader';

/**
 * Features as a safetensors file, all F32: `layers.L.MODULE.experts` [N, E, R] with A_i x, `.mix` [N, R] with what B
 * reads, `.increment` [N, out] with s·B u and `.gates` [N, E], each where it was read.
 */
export function writeFeatures({ downs, r, modules }: ExpertFeatures): Uint8Array<ArrayBuffer> {
  return writeSafetensors(
    modules.flatMap(({ layer, module, experts, mix, increment, gates }) => {
      const path = `layers.${layer}.${modulePath(module)}`;
      return [
        { ...tensor(`${path}.experts`, experts), shape: [experts.rows, downs, r] },
        tensor(`${path}.mix`, mix),
        ...(increment === undefined ? [] : [tensor(`${path}.increment`, increment)]),
        ...(gates === undefined ? [] : [tensor(`${path}.gates`, gates)]),
      ];
    }),
  );
}

function tensor(name: string, { rows, cols, values }: Matrix): SafetensorsTensor {
  const bytes = fromFloat32(Float32Array.from(values), 'F32');
  return { name, dtype: 'F32', shape: [rows, cols], bytes };
}
