import type { SpecialDomain } from './specialDomain';

/** Every special domain. A new one is a file in this folder and a row here. */
export const SPECIAL_DOMAINS: readonly SpecialDomain[] = [];
