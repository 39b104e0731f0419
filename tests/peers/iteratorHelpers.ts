/** Node 20 lacks the iterator helpers that jax-js calls; later versions have them and keep their own. */
const prototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())) as object;

function define(name: string, value: (this: Iterable<unknown>, ...args: never[]) => unknown): void {
  if (!(name in prototype)) Object.defineProperty(prototype, name, { value, configurable: true });
}

type Visit = (value: unknown, index: number) => unknown;

define('map', function (visit: Visit) {
  return [...this].map(visit)[Symbol.iterator]();
});
define('filter', function (visit: Visit) {
  return [...this].filter(visit)[Symbol.iterator]();
});
define('some', function (visit: Visit) {
  return [...this].some(visit);
});
define('every', function (visit: Visit) {
  return [...this].every(visit);
});
define('find', function (visit: Visit) {
  return [...this].find(visit);
});
define('forEach', function (visit: Visit) {
  [...this].forEach(visit);
});
define('toArray', function () {
  return [...this];
});
define('reduce', function (...args: [(sum: unknown, value: unknown) => unknown, unknown]) {
  return [...this].reduce(...args);
});
