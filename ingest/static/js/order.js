/** In which order defects are listed. Pure. */

const byId = (a, b) => (a.properties.id < b.properties.id ? -1 : 1);
const highest = (name) => ({ properties: a }, { properties: b }) => (b[name] ?? 0) - (a[name] ?? 0);

const RULES = {
  priority: (a, b) => highest('priority')(a, b) || highest('severity')(a, b) || byId(a, b),
  severity: (a, b) => highest('severity')(a, b) || byId(a, b),
  age: (a, b) => earlier(a.properties.first_seen, b.properties.first_seen) || byId(a, b),
};

/** Names of the orders; `equity` is the server's own, whose answers come in it. */
export const ORDERS = ['priority', 'equity', 'severity', 'age'];

/** The features in an order. */
export function ordered(features, order) {
  return order === 'equity' ? features : [...features].sort(RULES[order]);
}

function earlier(a, b) {
  if (a === b) return 0;
  if (!a || !b) return a ? -1 : 1; // without a clock: at the end
  return a < b ? -1 : 1; // RFC 3339 in UTC sorts as text
}
