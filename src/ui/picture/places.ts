import type { ModuleName } from '../../config/modules';
import type { BlockPlace } from '../../state/view';
import type { Picture, PictureBlock } from './geometry';

/** The block at a place, or the nearest to what the place asks for: another expert, another part, another module. */
export function blockAt({ rows, layers }: Picture, place: BlockPlace): PictureBlock | undefined {
  const layer = Math.min(place.layer, layers - 1);
  const row = rows.find(({ module }) => module === place.module);
  const here = row?.blocks.filter((block) => covers(block, layer)) ?? [];
  const found = here.filter(({ part }) => part === place.part);
  return (
    found.find(({ expert, count }) => expert <= place.expert && place.expert < expert + count) ??
    found.at(-1) ??
    here.at(0)
  );
}

/** The place of a block as seen from a layer that uses it. */
export function placeOf(
  { part, module, expert, layers: [first, last] }: PictureBlock,
  layer: number,
): BlockPlace {
  return { layer: Math.min(Math.max(layer, first), last), module, part, expert };
}

export function samePlace(a: BlockPlace | undefined, b: BlockPlace | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.layer === b.layer && a.module === b.module && a.part === b.part && a.expert === b.expert;
}

/** Where a picture begins: an A in the middle of the model. */
export function firstPlace({ layers, rows }: Picture): BlockPlace {
  const module: ModuleName = rows.find(({ adapted }) => adapted)?.module ?? 'q_proj';
  return { layer: Math.floor((layers - 1) / 2), module, part: 'A', expert: 0 };
}

/**
 * Where a key leads from a block: left and right along its line, up and down to the next line at the same layer, Home
 * and End to the ends of the line, Page Up and Page Down to the same part of the module above and below.
 *
 * @returns undefined for other keys, and at the edge
 */
export function placeAfter(
  picture: Picture,
  from: PictureBlock,
  layer: number,
  key: string,
): BlockPlace | undefined {
  const { rows, layers } = picture;
  const at = rows.findIndex(({ module }) => module === from.module);
  const along = (to: number) => {
    const found = rows[at]?.blocks.find((block) => block.line === from.line && covers(block, to));
    return found && placeOf(found, to);
  };
  const down = (by: 1 | -1) => {
    const inRow = rows[at]?.blocks.find((block) => block.line === from.line + by && covers(block, layer));
    if (inRow !== undefined) return placeOf(inRow, layer);
    const found = rows[at + by]?.blocks.filter((block) => covers(block, layer));
    const next = found?.at(by === 1 ? 0 : -1);
    return next && placeOf(next, layer);
  };
  const page = (by: 1 | -1) => {
    const module = rows[at + by]?.module;
    const found = module && blockAt(picture, { ...placeOf(from, layer), module });
    return found && placeOf(found, layer);
  };
  switch (key) {
    case 'ArrowLeft':
      return along(from.layers[0] - 1);
    case 'ArrowRight':
      return along(from.layers[1] + 1);
    case 'Home':
      return along(0);
    case 'End':
      return along(layers - 1);
    case 'ArrowUp':
      return down(-1);
    case 'ArrowDown':
      return down(1);
    case 'PageUp':
      return page(-1);
    case 'PageDown':
      return page(1);
    default:
      return undefined;
  }
}

/** The block under the pointer, or the nearest one: at 32 layers on a phone a block is a few pixels wide. */
export function blockUnder(
  { rows, columns, layers }: Picture,
  x: number,
  y: number,
): { readonly block: PictureBlock; readonly layer: number } | undefined {
  const layer = Math.floor((x - columns.x) / columns.cell);
  const row = rows.find(({ top, height }) => y >= top - REACH && y < top + height + REACH);
  if (layer < 0 || layer >= layers || row === undefined) return undefined;
  let best: PictureBlock | undefined;
  let least = Infinity;
  for (const block of row.blocks) {
    const distance = Math.max(block.y - y, y - block.y - block.height, 0);
    if (distance < least && covers(block, layer)) [best, least] = [block, distance];
  }
  return best && { block: best, layer };
}

/** Pixels above or below a row at which the pointer still finds its blocks: less than half of what parts two rows. */
const REACH = 5;

function covers({ layers }: PictureBlock, layer: number): boolean {
  return layers[0] <= layer && layer <= layers[1];
}
