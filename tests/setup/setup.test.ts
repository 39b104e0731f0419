import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { backportsEntry } from '../../src/setup/apt.mjs';
import { addTotals, countReport, listFailures } from '../../src/setup/layers.mjs';
import { missingPackages } from '../../src/setup/packages.mjs';
import { outputOf, ROOT } from '../../src/setup/support.mjs';

describe('packages are missing', () => {
  const wanted = {
    '': {},
    'node_modules/a': { version: '1.0.0' },
    'node_modules/a/node_modules/@s/b': { version: '2.0.0' },
    'node_modules/other-platform': { version: '3.0.0', optional: true },
  };
  const installed = { 'node_modules/a': wanted['node_modules/a'] };

  test('when the folder lacks one, also a nested one', () => {
    expect(missingPackages(wanted, installed)).toEqual(['@s/b']);
  });

  test('when one is of another version, also an optional one', () => {
    const old = {
      ...wanted,
      'node_modules/a': { version: '0.9.0' },
      'node_modules/other-platform': { version: '2.9.0' },
    };
    expect(missingPackages(wanted, old)).toEqual(['a', 'other-platform']);
  });

  test('never because of optional ones for other platforms, or of ones that nobody asked for', () => {
    const { 'node_modules/other-platform': _optional, ...rest } = wanted;
    expect(_optional.optional).toBe(true);
    expect(missingPackages(wanted, { ...rest, 'node_modules/more': { version: '1.0.0' } })).toEqual([]);
  });
});

describe("apt's backports come from the machine's own mirror", () => {
  const stanza =
    'Types: deb\nURIs: http://mirror.test/debian\nSuites: bookworm bookworm-updates\nComponents: main';

  test('in the format of stanzas, with the key', () => {
    expect(backportsEntry([`${stanza}\nSigned-By: /k.gpg\n`], 'bookworm')).toBe(
      'Types: deb\nURIs: http://mirror.test/debian\nSuites: bookworm-backports\nComponents: main\nSigned-By: /k.gpg\n',
    );
  });

  test('in the format of lines, with and without options', () => {
    const plain = 'deb http://mirror.test/debian bookworm main contrib\n';
    expect(backportsEntry([plain], 'bookworm')).toBe(
      'Types: deb\nURIs: http://mirror.test/debian\nSuites: bookworm-backports\nComponents: main\n',
    );
    const signed = 'deb [arch=amd64 signed-by=/k.gpg] http://mirror.test/debian bookworm main\n';
    expect(backportsEntry([signed], 'bookworm')).toContain('Signed-By: /k.gpg');
  });

  test('and not from a third party, a disabled or a commented source', () => {
    const others = [
      'deb http://third.test/apt stable main',
      '# deb http://mirror.test/debian bookworm main',
      `Enabled: no\n${stanza}`,
    ];
    expect(backportsEntry(others, 'bookworm')).toBeUndefined();
  });

  test('once only', () => {
    const both = [stanza, 'deb http://mirror.test/debian bookworm-backports main'];
    expect(backportsEntry(both, 'bookworm')).toBeUndefined();
  });
});

describe('results are counted', () => {
  const file = (status: string, ...tests: string[]) => ({
    name: join(ROOT, 'tests', 'x.test.ts'),
    status,
    message: status === 'failed' ? 'Cannot find module y' : '',
    assertionResults: tests.map((result, index) => ({
      status: result,
      fullName: `the thing ${index}`,
      failureMessages:
        result === 'failed' ? ['\u001b[31mError: 1 is not 2\u001b[39m\n    at x.test.ts:1'] : [],
    })),
  });

  test('test by test', () => {
    const report = { testResults: [file('passed', 'passed', 'passed', 'pending'), file('failed', 'failed')] };
    expect(countReport(report, 1)).toEqual({ passed: 2, failed: 1, skipped: 1 });
  });

  test('a file that could not be loaded as one failure', () => {
    const report = { testResults: [file('passed', 'passed'), file('failed')] };
    expect(countReport(report, 1)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });

  test('a run without a report, and one that failed outside its tests, as one failure', () => {
    expect(countReport(undefined, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
    expect(countReport({ testResults: [file('passed', 'passed')] }, 1)).toMatchObject({ failed: 1 });
  });

  test('and what failed is named with the first line of its error', () => {
    const list = (...files: ReturnType<typeof file>[]) => {
      const report = { testResults: files };
      return listFailures('unit', report, countReport(report, 1));
    };
    expect(list(file('passed', 'passed'), file('failed', 'passed', 'failed'))).toEqual([
      'FAILED: tests/x.test.ts > the thing 1: Error: 1 is not 2',
    ]);
    expect(list(file('failed'))).toEqual(['FAILED: tests/x.test.ts: Cannot find module y']);
    expect(list(file('passed', 'passed'))).toEqual([
      'FAILED: the run of the unit tests itself; its output stands above.',
    ]);
    expect(listFailures('unit', { testResults: [] }, { passed: 1, failed: 0, skipped: 0 })).toEqual([]);
  });

  test('over all layers', () => {
    const sum = { passed: 1, failed: 0, skipped: 0 };
    addTotals(sum, { passed: 2, failed: 3, skipped: 4 });
    expect(sum).toEqual({ passed: 3, failed: 3, skipped: 4 });
  });
});

test('a program that is missing or fails has no output', () => {
  expect(outputOf('no-such-program-anywhere', [])).toBeUndefined();
  expect(outputOf(process.execPath, ['-e', 'process.exit(3)'])).toBeUndefined();
  expect(outputOf(process.execPath, ['-p', '6 * 7'])).toBe('42\n');
});
