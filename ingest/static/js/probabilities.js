/** How probable each kind is, where the server says so. */

import { element, svg } from './dom.js';
import { percent } from './format.js';
import { kindOf } from './kinds.js';
import { symbolElement } from './symbols.js';
import { DETAIL, KIND } from './texts.js';

/** The section of {kind: probability}, likeliest first; nothing where no jolt tells. */
export function probabilities(kinds) {
  if (!kinds) return null;
  const rows = Object.entries(kinds).sort(([, a], [, b]) => b - a);
  return element('section', { class: 'kinds-known' },
    element('h3', {}, DETAIL.kinds),
    element('ul', {}, rows.map(([kind, probability]) => element('li', {},
      symbolElement(kind, 'sure', 18),
      element('span', {}, KIND[kind] ?? kind),
      bar(probability, kindOf(kind).colour),
      element('span', { class: 'number' }, percent(probability))))));
}

function bar(share, colour) {
  return svg('svg', { viewBox: '0 0 100 6', preserveAspectRatio: 'none', class: 'share-bar', 'aria-hidden': 'true' },
    svg('rect', { width: 100, height: 6, class: 'gauge-ground' }),
    svg('rect', { width: Math.max(share * 100, 0.5), height: 6, fill: colour }));
}
