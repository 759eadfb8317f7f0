/** Choosing a street: a press on one; the one in the middle of the map for who uses no mouse. */

import { boundsOf } from './geometry.js';
import { put } from './map_data.js';
import { fitGrowing } from './map_view.js';
import { BESIDE_M, streetAt } from './street_walk.js';
import { STREET } from './texts.js';
import { METRES_PER_PIXEL } from './travel.js';

/** Returns {start(), show(line or null), busy(), click(place), at(place)}. bar: see mode_bar.js; pieces(): the streets that are held; onStreet(line). */
export function streetChoice(map, bar, pieces, onStreet) {
  let waiting = false;

  function start() {
    waiting = true;
    bar.open(STREET.title, STREET.hint, [[STREET.middle, () => click(map.getCenter().toArray())], [STREET.cancel, leave]]);
  }

  function click(place) {
    if (!at(place)) return bar.say(STREET.none);
    return leave();
  }

  function leave() {
    waiting = false;
    bar.close();
  }

  /** The street at a place is the one; false where there is none. */
  function at(place) {
    const line = streetAt(pieces(), place);
    if (line === null) return false;
    draw(line);
    fitGrowing(map, boundsOf([{ geometry: { type: 'LineString', coordinates: line } }]));
    onStreet(line);
    return true;
  }

  function draw(line) {
    const latitude = ((line?.[0][1] ?? 0) * Math.PI) / 180;
    const wide = (2 * BESIDE_M) / (METRES_PER_PIXEL * Math.cos(latitude)); // pixels at zoom 0
    put(map, 'along', line ? [{ type: 'Feature', geometry: { type: 'LineString', coordinates: line }, properties: { wide } }] : []);
  }

  return { start, busy: () => waiting, click, at, show: draw };
}
