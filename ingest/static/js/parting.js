/** Two defects that are one, one that is two: what is asked before it is done. */

import { element } from './dom.js';
import { KIND, TRIAGE } from './texts.js';
import { symbolElement } from './symbols.js';

/** Others nearby as buttons, and a click on the map. others: [{feature, metres}]; onOther(id); onMerging(callback): a map click is wanted. */
export function mergeChoices(others, onOther, onMerging) {
  onMerging(onOther);
  const rows = others.map(({ feature: { properties }, metres }) => element('button', { type: 'button', class: 'button plain small other', click: () => onOther(properties.id) },
    symbolElement(properties.kind, 'sure', 18), `${KIND[properties.kind] ?? KIND.unknown}, ${TRIAGE.away(metres)}`));
  return element('fieldset', {}, element('legend', {}, TRIAGE.mergeWith), element('div', { class: 'triage-buttons' }, rows), element('p', { class: 'quiet' }, TRIAGE.mergeHint));
}

/** The two ways a place can be two; onBy('position' or 'side'). */
export function splitChoices(onBy) {
  const by = (name) => element('button', { type: 'button', class: 'button plain small', click: () => onBy(name) }, TRIAGE.splitBy[name]);
  return element('fieldset', {}, element('legend', {}, TRIAGE.splitHow), element('div', { class: 'triage-buttons' }, by('position'), by('side')));
}
