import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatSeconds,
  formatShare,
  formatShort,
  formatValue,
} from '../../src/ui/shared/format';

describe('numbers on the page', () => {
  it('bytes', () => {
    expect([0, 999, 1000, 8_256_000, 123_456_789, 4e9].map(formatBytes)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '8.3 MB',
      '123 MB',
      '4.0 GB',
    ]);
  });

  it('counts', () => {
    expect(formatCount(260032)).toBe('260,032');
    expect([512, 260_032, 1_240_000, 8_030_000_000].map(formatShort)).toEqual([
      '512',
      '260 k',
      '1.24 M',
      '8.03 B',
    ]);
  });

  it('measured values', () => {
    expect([0, 2, 1.23456, 0.0002, 0.00072361, 1e-8].map(formatValue)).toEqual([
      '0',
      '2',
      '1.235',
      '2e-4',
      '7.24e-4',
      '1e-8',
    ]);
    expect(formatValue(NaN)).toBe('NaN');
  });

  it('shares and times', () => {
    expect([0.0012, 0.159, 0.5].map(formatShare)).toEqual(['0.12 %', '16 %', '50 %']);
    expect([0.2, 42, 95, 7200].map(formatSeconds)).toEqual(['1 s', '42 s', '2 min', '2.0 h']);
  });
});
