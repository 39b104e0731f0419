/**
 * Writes what pretrain.py reads. Build and run from the repository's root:
 *
 *   npx vite build --ssr src/world/pretrain/writeCorpus.ts --outDir .cache/world-tool
 *   node .cache/world-tool/writeCorpus.js corpus 200000 .cache/world/corpus.jsonl           # {"text"} a line
 *   node .cache/world-tool/writeCorpus.js vocabulary 12000 .cache/world/vocabulary.jsonl   # {"text"} a line
 *   node .cache/world-tool/writeCorpus.js parse samples.jsonl                      # {"sentences", "parsed", "wrong"}
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../../config/errors';
import { CORPUS_SEED, generateDocuments, parses, splitSentences } from '../general/corpus';
import { vocabularyTexts } from './vocabulary';

const COMMANDS: Readonly<Record<string, (args: readonly string[]) => void>> = {
  corpus([count = '', path = '']) {
    writeTexts(path, generateDocuments(CORPUS_SEED, Number(count)));
  },
  vocabulary([general = '', path = '']) {
    writeTexts(path, vocabularyTexts(Number(general)));
  },
  parse([path = '']) {
    const sentences = readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .flatMap((line) => splitSentences((JSON.parse(line) as { text: string }).text));
    const wrong = sentences.filter((sentence) => !parses(sentence));
    process.stdout.write(
      `${JSON.stringify({ sentences: sentences.length, parsed: sentences.length - wrong.length, wrong })}\n`,
    );
  },
};

function writeTexts(path: string, texts: readonly string[]): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, texts.map((text) => `${JSON.stringify({ text })}\n`).join(''));
}

const [command = '', ...args] = process.argv.slice(2);
const run = COMMANDS[command];
if (run === undefined) {
  throw new UserError(command, 'no such command', `use one of ${Object.keys(COMMANDS).join(', ')}`);
}
run(args);
