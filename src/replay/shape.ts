import { isJsonObject } from '../engine/formats/jsonFile';

/** Reads a value of JSON as a T; throws Misshapen where it is none. `at` is where it stands, for the message. */
export type Shape<T> = (value: unknown, at: string) => T;

/** A value that is not what it has to be. */
export class Misshapen extends Error {}

/** Longer texts, and longer lists, are in no recording. */
const MOST = 100_000;

export const number: Shape<number> = (value, at) => {
  if (typeof value !== 'number') throw new Misshapen(`${at} is no number`);
  return value;
};

/** A whole number from 0 on. */
export const count: Shape<number> = (value, at) => {
  const found = number(value, at);
  if (!Number.isSafeInteger(found) || found < 0) throw new Misshapen(`${at} is no count`);
  return found;
};

export const text: Shape<string> = (value, at) => {
  if (typeof value !== 'string' || value.length > MOST) throw new Misshapen(`${at} is no text`);
  return value;
};

export const flag: Shape<boolean> = (value, at) => {
  if (typeof value !== 'boolean') throw new Misshapen(`${at} is neither true nor false`);
  return value;
};

/** One of a few texts. */
export function oneOf<T extends string>(...known: readonly T[]): Shape<T> {
  return (value, at) => {
    const found = known.find((name) => name === value);
    if (found === undefined) throw new Misshapen(`${at} is none of ${known.join(', ')}`);
    return found;
  };
}

export function orNull<T>(of: Shape<T>): Shape<T | null> {
  return (value, at) => (value === null ? null : of(value, at));
}

export function orAbsent<T>(of: Shape<T>): Shape<T | undefined> {
  return (value, at) => (value === undefined ? undefined : of(value, at));
}

export function list<T>(of: Shape<T>): Shape<readonly T[]> {
  return (value, at) => {
    if (!Array.isArray(value) || value.length > MOST) throw new Misshapen(`${at} is no list`);
    return value.map((part: unknown, index) => of(part, `${at}.${index}`));
  };
}

/** An object with these fields; others are left out. */
export function fields<T extends object>(shapes: { readonly [K in keyof T]: Shape<T[K]> }): Shape<T> {
  return (value, at) => {
    if (!isJsonObject(value)) throw new Misshapen(`${at} is no object`);
    const entries = Object.entries<Shape<unknown>>(shapes);
    return Object.fromEntries(
      entries.map(([name, shape]) => [name, shape(value[name], at === '' ? name : `${at}.${name}`)]),
    ) as T;
  };
}

/** An object whose `type` says which of the shapes it has. */
export function variants<T>(shapes: Readonly<Record<string, Shape<T>>>): Shape<T> {
  return (value, at) => {
    const type = isJsonObject(value) ? value['type'] : undefined;
    const shape = typeof type === 'string' && Object.hasOwn(shapes, type) ? shapes[type] : undefined;
    if (shape === undefined) throw new Misshapen(`${at}.type is none of ${Object.keys(shapes).join(', ')}`);
    return shape(value, at);
  };
}
