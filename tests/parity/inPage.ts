import { runParity, type Report } from './suite';
import type { Variant } from './variants';

/** The parity checks in a page, which can be asked for them; the fixtures lie beside it. */
declare global {
  var parity: (variant: Variant) => Promise<Report>;
}

globalThis.parity = (variant) =>
  runParity(navigator.gpu, async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer()), variant);
