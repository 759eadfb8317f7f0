/** The search field: a reference, a word of a note, or a place as coordinates. */

import { element, icon } from './dom.js';
import { SEARCH } from './texts.js';

const PLACE = /^\s*(-?\d{1,2}(?:[.]\d+)?)\s*[,;\s]\s*(-?\d{1,3}(?:[.]\d+)?)\s*$/;
const PAUSE_MS = 120; // between two letters; below, typing would draw the map anew for each

/** Builds the field into `box`. onText(text), onPlace([longitude, latitude]), onEnter(text): Return was pressed. Returns {set(text)}. */
export function searchField(box, { onText, onPlace, onEnter }) {
  let timer = null;
  const input = element('input', { type: 'search', id: 'search', placeholder: SEARCH.placeholder, 'aria-label': SEARCH.label, autocomplete: 'off', spellcheck: 'false', input: typed, keydown: pressed });
  box.append(icon('M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14Zm5 12 5 5', 18), input);

  function typed() {
    clearTimeout(timer);
    timer = setTimeout(() => onText(placeOf(input.value) ? '' : input.value.trim()), PAUSE_MS);
  }

  function pressed(event) {
    if (event.key !== 'Enter') return;
    const place = placeOf(input.value);
    if (place) onPlace(place);
    else if (input.value.trim()) onEnter(input.value.trim());
  }

  return { set: (text) => { if (document.activeElement !== input) input.value = text; } };
}

/** [longitude, latitude] of `47.05, 8.31`; null where it is not a place. */
export function placeOf(text) {
  const [, latitude, longitude] = PLACE.exec(text.replace(/^geo:/, '')) ?? [];
  const usable = latitude !== undefined && Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
  return usable ? [Number(longitude), Number(latitude)] : null;
}
