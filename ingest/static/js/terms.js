/** Why this defect comes where it comes: the factors of its priority, and of the ranking that does not ask who takes part. */

import { element } from './dom.js';
import { decimal } from './format.js';
import { TERMS } from './texts.js';

const PRIORITY = ['confidence', 'mend', 'severity', 'exposure', 'growth', 'road_class'];
const EQUITY = ['mend', 'severity', 'hit_rate', 'traffic_share', 'road_class'];

/** The section of a feature that has `priority_terms`; nothing where it has none. */
export function terms({ priority_terms: told }) {
  if (!told) return null;
  return element('details', { class: 'terms', id: 'terms' },
    element('summary', {}, TERMS.title),
    product(TERMS.priority, told, PRIORITY, told.priority),
    Number.isFinite(told.equity) ? product(TERMS.equity, told, EQUITY, told.equity) : null,
    element('p', { class: 'quiet' }, TERMS.from(told)));
}

function product(title, told, names, result) {
  const known = names.filter((name) => Number.isFinite(told[name]));
  return element('table', {},
    element('caption', {}, title),
    element('tbody', {}, known.map((name, i) => element('tr', {},
      element('td', { class: 'sign' }, i === 0 ? '' : '×'),
      element('td', { class: 'number' }, decimal(told[name], 2)),
      element('th', { scope: 'row' }, TERMS.name[name], element('small', {}, TERMS.why[name])))),
    element('tr', { class: 'result' }, element('td', { class: 'sign' }, '='), element('td', { class: 'number' }, decimal(result, 2)), element('th', { scope: 'row' }, title))));
}
