/** One row of the list: what it is, how hard, how sure, since when, what was said of it. */

import { element } from './dom.js';
import { decimal, percent, since } from './format.js';
import { certaintyOf } from './kinds.js';
import { symbolElement } from './symbols.js';
import { DETAIL, KIND, LIST, STATUS } from './texts.js';

export const ROW_PX = 64; // as css/list.css has it

/** The row's element. reachable: whether the Tab key comes here; marks: null where nobody may choose. */
export function listRow(feature, { index, reachable, selected, marks, onOpen }) {
  const { properties } = feature;
  const tabindex = reachable ? 0 : -1;
  const row = element('div', { class: `row${selected ? ' selected' : ''}`, role: 'row', 'aria-rowindex': index + 1, 'aria-selected': String(selected) },
    marks ? element('div', { role: 'gridcell', class: 'row-mark' }, marker(properties, marks, tabindex)) : null,
    element('div', { role: 'gridcell', class: 'row-open' },
      element('button', { type: 'button', 'data-part': 'open', 'data-id': properties.id, tabindex, click: () => onOpen(feature) },
        symbolElement(properties.kind, certaintyOf(properties.confidence), 28),
        element('span', { class: 'row-words' },
          element('span', { class: 'row-title' }, KIND[properties.kind] ?? KIND.unknown, properties.status === 'new' ? null : element('span', { class: `chip ${properties.status}` }, STATUS[properties.status] ?? properties.status)),
          element('span', { class: 'row-facts' }, DETAIL.severityWords(properties.severity), ' · ', LIST.felt(properties.hits, properties.passes), ...assignee(properties))),
        element('span', { class: 'row-numbers' },
          element('span', { class: 'row-priority', title: DETAIL.priority }, Number.isFinite(properties.priority) ? decimal(properties.priority) : percent(properties.confidence)),
          element('span', { class: 'row-age' }, properties.first_seen ? since(properties.first_seen) : '')))));
  row.style.top = `${index * ROW_PX}px`;
  return row;
}

function assignee({ assignee: name }) {
  return name ? [' · ', element('span', { class: 'row-assignee' }, name)] : [];
}

function marker({ id, kind }, marks, tabindex) {
  return element('input', { type: 'checkbox', 'data-part': 'mark', tabindex, checked: marks.has(id), 'aria-label': LIST.mark(KIND[kind] ?? KIND.unknown, id), change: (event) => marks.set(id, event.target.checked) });
}
