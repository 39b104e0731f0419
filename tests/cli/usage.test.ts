import { describe, expect, test } from 'vitest';
import packageFile from '../../package.json';
import { COMMANDS } from '../../src/cli/commands';
import { normaliseFlags } from '../../src/cli/usage';
import { KNOB_KEYS } from '../../src/config/knobs';
import { masa, refusal } from '../support/cli';

const switches = new Set(['--json']);

describe('flags', () => {
  test('dashes and underscores are the same', () => {
    expect(
      normaliseFlags(['train', '--lora-alpha', '16', '--max_steps=3', '--val-size=0.1'], switches),
    ).toEqual(['train', '--lora_alpha', '16', '--max_steps=3', '--val_size=0.1']);
  });

  test('a value stays as it is, even one that looks like a flag', () => {
    expect(normaliseFlags(['--prompt', '--a-b', '--out-dir=x-y', 'a-b'], switches)).toEqual([
      '--prompt',
      '--a-b',
      '--out_dir=x-y',
      'a-b',
    ]);
    expect(normaliseFlags(['--json', '--lora-alpha', '2'], switches)).toEqual([
      '--json',
      '--lora_alpha',
      '2',
    ]);
  });

  test('train takes every setting of the knob table', () => {
    const train = COMMANDS.find(({ name }) => name === 'train');
    expect(train?.flags.map(({ key }) => key)).toEqual(expect.arrayContaining([...KNOB_KEYS]));
  });
});

describe('usage', () => {
  test('help and version go to stdout and succeed', async () => {
    expect(await masa(['--version'])).toEqual({ code: 0, out: `${packageFile.version}\n`, err: '' });
    for (const argv of [['--help'], ['help'], ...COMMANDS.map(({ name }) => [name, '--help'])]) {
      const { code, out, err } = await masa(argv);
      expect([code, err], argv.join(' ')).toEqual([0, '']);
      expect(out).toContain('Usage: masa');
    }
  });

  test.each([
    [[], 'no command is given'],
    [['trian'], 'trian: there is no such command; did you mean train?'],
    [['info', '--foo-bar=3'], '--foo-bar: there is no such flag; see `masa info --help`.'],
    [['train', '--lora_alhpa', '3'], '--lora_alhpa: there is no such flag; did you mean --lora_alpha?'],
    [['generate', '--model'], '--model: its value is missing; give --model <PATH>.'],
    [['generate'], '--model: this flag is missing; give --model PATH (see `masa generate --help`)'],
    [['inspect'], 'the argument PATH is missing'],
    [['info', 'now'], 'masa info: there are words that belong to no flag'],
    [['eval', '--model', '', '--data', 'x'], '--model: its value is empty'],
  ])('%j is refused with one sentence', async (argv, sentence) => {
    expect(await refusal(argv)).toContain(sentence);
  });
});
