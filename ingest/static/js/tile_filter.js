/** The filter as MapLibre expressions over the server's tiles, where one point may stand for several of its kind and status. Pure. */

/**
 * The expressions that all must hold, or null where tiles do not tell what the filter asks: then what the page holds is shown.
 * filter: see filter.js.
 */
export function tileFilter({ kinds, statuses, least, severity, age, assigned, text, area, street }) {
  if (age || assigned || text || street) return null; // of a street: a point that stands for several may itself lie beside it
  return [
    kinds && among('kind', kinds),
    statuses && among('status', statuses),
    least > 0 && ['>=', ['coalesce', ['get', 'surest'], ['get', 'confidence']], least],
    severity > 0 && ['>=', ['coalesce', ['get', 'hardest'], ['get', 'severity']], severity],
    area && ['within', { type: 'Polygon', coordinates: [[...area, area[0]]] }],
  ].filter(Boolean);
}

function among(property, names) {
  return ['in', ['get', property], ['literal', names]];
}
