import { BadRecord } from './record';

/** A field's value as text; numbers and booleans are written out. Throws BadRecord for anything else. */
export function asText(field: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new BadRecord(`"${field}" is ${kindOf(value)}, not text`);
}

/** Like asText, '' for a field that is absent or null. */
export function optionalText(field: string, value: unknown): string {
  return value === undefined || value === null ? '' : asText(field, value);
}

/** The text itself; throws BadRecord where it has no visible character. */
export function nonBlank(field: string, text: string): string {
  if (text.trim() === '') throw new BadRecord(`"${field}" is empty`);
  return text;
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : 'an object';
}
