/** The one defect someone looks at: its panel, its circle on the map, its place in the address. */

import { defect } from './api.js';
import { writeAddress } from './address.js';
import { detailPanel } from './detail.js';
import { ring } from './geometry.js';
import { NoAnswer, Refused } from './http.js';
import { showSelection } from './map_data.js';
import { closeUp, go, inSight } from './travel.js';
import { DETAIL } from './texts.js';

/**
 * Wires panel and map; onStep(±1): the panel's own buttons for the one before and after; onChosen(id or null); onStreet(feature): what lies on its street is wanted; crew, shocks, photos:
 * parts of the panel. Returns {open(id, known), close(), refresh(features), reload(), saved(feature), id()}.
 */
export function selection(map, panelElement, { onStep, onChosen, onStreet, crew, shocks, photos }) {
  let id = null;
  let stamp = null;
  let returnTo = null;
  const panel = detailPanel(panelElement, { onClose: close, onStep, onNear: (feature) => go(map, feature, closeUp(feature)), onStreet, crew, shocks, photos });

  /** Opens a defect. known: its feature if already loaded; travel: whether the map goes there however near it is. */
  async function open(wanted, known = null, travel = false) {
    if (id === null) returnTo = document.activeElement;
    id = wanted;
    writeAddress({ defect: id });
    onChosen(id);
    if (known) show(known, false);
    const feature = await load(wanted, known);
    if (!feature || id !== feature.properties.id) return;
    if (travel || !known) go(map, feature, closeUp(feature));
    else if (!inSight(map, feature)) go(map, feature, map.getZoom());
  }

  function close() {
    if (id === null) return;
    id = stamp = null;
    writeAddress({ defect: null });
    panel.hide();
    showSelection(map, []);
    onChosen(null);
    (returnTo?.isConnected ? returnTo : map.getCanvas()).focus({ preventScroll: true });
  }

  /** After new data: shows the open defect afresh if it changed. */
  function refresh(features) {
    const now = id && features.find((feature) => feature.properties.id === id);
    if (now && JSON.stringify(now) !== stamp) load(id, now);
  }

  async function load(wanted, known) {
    try {
      const feature = await defect(wanted);
      if (id !== wanted) return null;
      stamp = JSON.stringify(known);
      if (feature.properties.id !== wanted) moved(feature.properties.id);
      show(feature, true);
      return feature;
    } catch (error) {
      if (id === wanted) explain(error, known);
      return known;
    }
  }

  /** It was merged into another, which the server told in its place. */
  function moved(now) {
    id = now;
    writeAddress({ defect: id });
    onChosen(id);
  }

  function explain(error, known) {
    const words = wordsFor(error);
    if (known) show(known, false, words);
    else panel.apologise(words);
  }

  function show(feature, here, note) {
    panel.show(feature, here, note);
    const circle = { type: 'Polygon', coordinates: [ring(feature.geometry.coordinates, feature.properties.radius)] };
    showSelection(map, [feature, { ...feature, geometry: circle }]);
  }

  return { open, close, refresh, reload: () => load(id, null), saved: (feature) => { if (id === feature.properties.id) show(feature, true); }, id: () => id };
}

function wordsFor(error) {
  if (error instanceof NoAnswer) return DETAIL.unreachable;
  if (error instanceof Refused) return error.status === 404 ? DETAIL.gone : DETAIL.refused(error.message);
  throw error;
}
