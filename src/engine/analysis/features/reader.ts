import { UserError } from '../../../config/errors';
import { MODULES, type ModuleName } from '../../../config/modules';
import type { AdapterSettings } from '../../adapters/attach';
import { adapterLayout, type AdapterLayout } from '../../adapters/layout';
import type { TokenExample } from '../../data/examples';
import type { EvalOptions } from '../../eval/scorer';
import { readFloats } from '../../gpu/readback';
import { openWorkspace } from '../../gpu/workspace';
import type { BaseModel } from '../../model/baseModel';
import { INPUT } from '../../model/forward';
import type { InferenceAdapter } from '../../model/decoder';
import { ropeTable } from '../../model/ropeTable';
import type { Matrix } from '../matrix';
import { layOutFeatures, type FeaturePass } from './passes';
import {
  FEATURES,
  featureWidth,
  planFeatures,
  type FeatureKind,
  type FeatureSlice,
  type ModulePlace,
} from './plan';
import type { FeatureRow } from './rows';

/** What one module of one layer makes of the chosen tokens, as the engine computes it; N rows, all f32. */
export interface ModuleFeatures extends ModulePlace {
  /** [N, E·R] A_i x of every down-projection, one expert's R columns behind the other's. */
  readonly experts: Matrix;
  /** [N, R] what B reads, Σ_i A_i x under a sum; [N, E·R] where there are several B's: g_i A_i x side by side. */
  readonly mix: Matrix;
  /** [N, out] s·B u, all that the adapter adds to the module's output; undefined where it was not asked for. */
  readonly increment: Matrix | undefined;
  /** [N, E] the router's weights of the experts; undefined without a router. */
  readonly gates: Matrix | undefined;
}

/** Plain data: it can be cloned into another thread. */
export interface ExpertFeatures {
  /** The token of each row of every matrix. */
  readonly rows: readonly FeatureRow[];
  /** Down-projections of a module and group (1 for LoRA and HydraLoRA). */
  readonly downs: number;
  readonly r: number;
  /** By layer, then by module in the model's order. */
  readonly modules: readonly ModuleFeatures[];
}

/** What to look at. */
export interface FeatureRequest {
  readonly examples: readonly TokenExample[];
  /** At least one; see chooseRows. */
  readonly rows: readonly FeatureRow[];
  /** All layers unless given. */
  readonly layers?: readonly number[] | undefined;
  /** All adapted modules unless given. */
  readonly modules?: readonly ModuleName[] | undefined;
  /** Increments too, which are as wide as the modules' outputs. */
  readonly increments: boolean;
}

/** Reads the features of the same tokens as often as wanted, with an adapter's values as they are at the time. */
export interface FeatureReader {
  /** @param options its progress counts rows */
  read(options?: EvalOptions): Promise<ExpertFeatures>;
  destroy(): void;
}

/** Features that may be in memory at once, in bytes. */
const MOST_BYTES = 2 ** 30;
/** Bytes of the GPU's buffer of features; a pass of which more is wanted is run again for the rest. */
const MOST_GPU_BYTES = 2 ** 26;

/**
 * Plans the passes, allocates what they need and compiles it.
 *
 * @param settings of the adapter
 * @param adapter of a run too (Trainer.inference): each `read` sees it as it is then and leaves the run alone
 * @throws UserError when there is no such layer or module, or the features do not fit in memory
 */
export async function openFeatureReader(
  base: BaseModel,
  settings: AdapterSettings,
  adapter: InferenceAdapter,
  request: FeatureRequest,
): Promise<FeatureReader> {
  const { config, gpu } = base;
  const { rows: chosen, examples } = request;
  const layout = adapterLayout(settings, config);
  const places = placesOf(layout, config.layers, request);
  const kinds: readonly FeatureKind[] = [
    ...(['experts', 'mix'] as const),
    ...(request.increments ? (['increment'] as const) : []),
    ...(layout.block.mix === 'router' ? (['gates'] as const) : []),
  ];
  const width = places.reduce(
    (sum, { module }) => kinds.reduce((more, kind) => more + featureWidth(config, layout, module, kind), sum),
    0,
  );
  requireRoom(chosen.length, width, places.length);
  const { maxStorageBufferBindingSize: maxBinding, maxBufferSize } = gpu.device.limits;
  const most = Math.max(1, Math.floor(Math.min(MOST_GPU_BYTES, maxBinding, maxBufferSize) / (4 * width)));
  const { rows, passes } = layOutFeatures(examples, chosen, most);
  const plan = planFeatures({
    ...{ base, adapter, layout, places, kinds, rows, maxBinding },
    most: Math.max(...passes.map((pass) => pass.chosen.length)),
  });
  const workspace = await openWorkspace(gpu, plan, {
    shared: (name) => base.buffer(name) ?? adapter.buffer(name),
  });
  workspace.write(INPUT.ropeTable.buffer, ropeTable(config, rows));

  /** f32, the slices of the plan. */
  const run = async ({ batch, chosen: wanted }: FeaturePass): Promise<Float32Array> => {
    const started = performance.now();
    workspace.write(INPUT.tokens.buffer, batch.tokens);
    workspace.write(INPUT.positions.buffer, batch.positions);
    workspace.write(INPUT.first.buffer, batch.first);
    workspace.write(
      FEATURES.chosen.buffer,
      Uint32Array.from(wanted, ({ row }) => row),
    );
    const launches = workspace.run(['features'], {});
    const values = await readFloats(gpu.device, workspace.buffer(FEATURES.all.buffer));
    workspace.pace((performance.now() - started) / 1000, launches);
    return values;
  };

  return {
    async read({ onProgress, signal } = {}) {
      const matrices = new Map(plan.slices.map((slice) => [slice, emptyMatrix(chosen.length, slice.width)]));
      let done = 0;
      for (const pass of passes) {
        signal?.throwIfAborted();
        const values = await run(pass);
        for (const [slice, matrix] of matrices) copyRows(slice, values, pass, matrix);
        done += pass.chosen.length;
        onProgress?.(done, chosen.length);
      }
      const find = (place: ModulePlace, kind: FeatureKind) =>
        [...matrices].find(
          ([slice]) => slice.layer === place.layer && slice.module === place.module && slice.kind === kind,
        )?.[1];
      return {
        rows: chosen,
        downs: layout.block.downs,
        r: settings.r,
        modules: places.map((place) => ({
          ...place,
          experts: find(place, 'experts') ?? missing(place),
          mix: find(place, 'mix') ?? missing(place),
          increment: find(place, 'increment'),
          gates: find(place, 'gates'),
        })),
      };
    },
    destroy: () => {
      workspace.destroy();
    },
  };
}

/** Expert i's columns A_i x, [N, R]. */
export function expertFeatures({ r }: ExpertFeatures, { experts }: ModuleFeatures, i: number): Matrix {
  const { rows, cols, values } = experts;
  const own = new Float32Array(rows * r);
  for (let n = 0; n < rows; n++) own.set(values.subarray(n * cols + i * r, n * cols + (i + 1) * r), n * r);
  return { rows, cols: r, values: own };
}

function placesOf(layout: AdapterLayout, layers: number, request: FeatureRequest): ModulePlace[] {
  const all = Array.from({ length: layers }, (_, layer) => layer);
  const wrong = request.layers?.find((layer) => !all.includes(layer));
  if (wrong !== undefined) {
    const problem = `the model has no layer ${wrong}`;
    throw new UserError('layer', problem, `give one from 0 to ${layers - 1}`);
  }
  const strange = request.modules?.find((module) => !layout.targets.includes(module));
  if (strange !== undefined) {
    const remedy = `give one of ${layout.targets.join(', ')}`;
    throw new UserError('module', `${strange} has no part in this adapter`, remedy);
  }
  const { layers: someLayers = all, modules = layout.targets } = request;
  return all
    .filter((layer) => someLayers.includes(layer))
    .flatMap((layer) =>
      MODULES.filter((module) => modules.includes(module)).map((module) => ({ layer, module })),
    );
}

function requireRoom(rows: number, width: number, modules: number): void {
  const bytes = rows * width * 4;
  if (bytes <= MOST_BYTES) return;
  const mebibytes = (count: number) => `${Math.ceil(count / 2 ** 20)} MiB`;
  const size = `the features of ${rows} tokens in ${modules} modules take ${mebibytes(bytes)}`;
  const remedy = `choose ${Math.floor(MOST_BYTES / (4 * width))} rows at most, or fewer layers and modules`;
  throw new UserError('rows', `${size}, and there is room for ${mebibytes(MOST_BYTES)}`, remedy);
}

function emptyMatrix(rows: number, cols: number) {
  return { rows, cols, values: new Float32Array(rows * cols) };
}

function copyRows(
  { offset, width, scale }: FeatureSlice,
  values: Float32Array,
  { chosen }: FeaturePass,
  matrix: { readonly values: Float32Array },
): void {
  chosen.forEach(({ index }, slot) => {
    const from = offset + slot * width;
    for (let c = 0; c < width; c++) {
      matrix.values[index * width + c] = scale * (values[from + c] ?? Number.NaN);
    }
  });
}

function missing({ layer, module }: ModulePlace): never {
  throw new Error(`${module} of layer ${layer} was not read`);
}
