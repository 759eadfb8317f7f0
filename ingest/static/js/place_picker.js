/** Choosing a place: the middle of the map, where this device is, or a click on the map. */

import { choice, element } from './dom.js';
import { TOUR } from './texts.js';

/**
 * A row of a form. optional: it may stay without a place. lower(): the sheet makes room for the map.
 * Returns {node, place(): [lon, lat], chosen(): [lon, lat] or null, waits(), click([lon, lat])}.
 */
export function placePicker(map, bar, { id, words, hint, lower, optional = false }) {
  let place = null;
  let waiting = false;
  const told = element('output', { for: id, class: 'quiet place' });
  const options = [...(optional ? [['none', TOUR.noDepot]] : []), ['middle', TOUR.middle], ['here', TOUR.here], ['click', TOUR.click]];
  const select = choice({ id, change }, options);

  function change() {
    place = null;
    told.textContent = '';
    if (select.value === 'here') find();
    if (select.value === 'click') wait();
  }

  function wait() {
    waiting = true;
    lower();
    bar.open(words, hint, [[TOUR.useMiddle, () => click(middle())], [TOUR.cancel, leave]]);
  }

  function leave() {
    waiting = false;
    bar.close();
    if (place === null) back();
  }

  function click(clicked) {
    waiting = false;
    keep(clicked);
    bar.close();
  }

  function find() {
    told.textContent = TOUR.finding;
    navigator.geolocation.getCurrentPosition(({ coords }) => keep([coords.longitude, coords.latitude]), () => { back(); told.textContent = TOUR.notFound; }, { enableHighAccuracy: true, timeout: 15_000 });
  }

  function keep(found) {
    place = found;
    told.textContent = `${found[1].toFixed(5)}, ${found[0].toFixed(5)}`;
  }

  function back() {
    select.value = options[0][0];
  }

  function middle() {
    const { lng, lat } = map.getCenter();
    return [lng, lat];
  }

  return {
    node: element('div', { class: 'picked' }, element('label', { for: id }, words), select, told),
    place: () => place ?? middle(),
    chosen: () => (optional && select.value === 'none' ? null : place ?? middle()),
    waits: () => waiting,
    click,
  };
}
