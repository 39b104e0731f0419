import type { Decoder, DecoderRow } from '../model/decoder';
import { sampleToken } from '../model/sample';

/** A text to be continued with the most likely tokens. */
export interface GreedyText {
  /** At least one token. */
  readonly prompt: readonly number[];
  /** At least one; prompt and these together are at most the decoder's capacity. */
  readonly maxNewTokens: number;
  /** Told each new token. False ends the text. */
  accept(token: number): boolean;
}

interface GreedyOptions {
  /** Tokens that end a text and are not part of it. */
  readonly ends: ReadonlySet<number>;
  /** Told when a text is complete: the number of those that are. */
  readonly onProgress?: ((done: number) => void) | undefined;
  /** Stops between passes. */
  readonly signal?: AbortSignal | undefined;
}

/** A text in its slot: `tokens` are to go through the model next, the first of them at `position`. */
interface Running {
  readonly text: GreedyText;
  readonly slot: number;
  tokens: readonly number[];
  position: number;
  made: number;
}

/**
 * Continues texts, as many at once as the decoder has slots; whenever one is complete, the next takes its slot. Every
 * text becomes what it would become alone, because no row of a pass changes a bit of another.
 */
export async function continueGreedily(
  decoder: Pick<Decoder, 'shape' | 'run'>,
  texts: readonly GreedyText[],
  { ends, onProgress, signal }: GreedyOptions,
): Promise<void> {
  const { slots, passes } = decoder.shape;
  const free = Array.from({ length: slots }, (_, slot) => slot);
  const waiting = texts.values();
  const running = new Set<Running>();
  let done = 0;
  for (;;) {
    while (free.length > 0) {
      const next = waiting.next();
      if (next.done === true) break;
      const slot = free.pop() ?? 0;
      running.add({ text: next.value, slot, tokens: next.value.prompt, position: 0, made: 0 });
    }
    if (running.size === 0) return;
    signal?.throwIfAborted();
    const { rows, ready } = nextPass([...running], Math.max(...passes));
    const logits = await decoder.run(rows, ready.length);
    const vocab = logits.length / ready.length;
    for (const [n, one] of ready.entries()) {
      const row = logits.subarray(n * vocab, (n + 1) * vocab);
      const token = sampleToken(row, { temperature: 0, seed: 0 }, 0);
      one.tokens = [token];
      const goesOn = !ends.has(token) && one.text.accept(token) && ++one.made < one.text.maxNewTokens;
      if (goesOn) continue;
      running.delete(one);
      free.push(one.slot);
      onProgress?.(++done);
    }
  }
}

/**
 * Takes a token of each text, and with the rows that are left the prompts of those that began first. The last tokens,
 * whose logits are wanted, come first; `ready` are their texts, in the same order.
 */
function nextPass(running: readonly Running[], most: number): { rows: DecoderRow[]; ready: Running[] } {
  const lasts: DecoderRow[] = [];
  const others: DecoderRow[] = [];
  const ready: Running[] = [];
  let spare = most - running.length;
  for (const one of running) {
    const { slot, tokens, position } = one;
    const taken = tokens.slice(0, 1 + spare);
    spare -= taken.length - 1;
    const rows = taken.map((token, n) => ({ slot, position: position + n, token }));
    if (taken.length === tokens.length) {
      lasts.push(...rows.splice(-1));
      ready.push(one);
    }
    others.push(...rows);
    one.tokens = tokens.slice(taken.length);
    one.position += taken.length;
  }
  return { rows: [...lasts, ...others], ready };
}
