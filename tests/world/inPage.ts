import { digestWorld } from './digests';

/** The world's generators in a page, which can be asked for what they make. */
declare global {
  var digestWorld: (seed: number) => Promise<Record<string, string>>;
}

globalThis.digestWorld = digestWorld;
