/** The one defect someone looks at: its panel, its circle on the map, its place in the address. */

import { defect, NoAnswer, Refused } from './api.js';
import { writeAddress } from './address.js';
import { detailPanel } from './detail.js';
import { ring } from './geometry.js';
import { showSelection } from './map_view.js';
import { DETAIL } from './texts.js';
import { triage } from './triage.js';

const RADIUS_PX = 24; // as large as the circle of the position's radius is made when the map goes near
const METRES_PER_PIXEL = 78_271.5; // at the equator at zoom 0, with MapLibre's tiles of 512 pixels

/** Wires panel and map; onStep(±1): the panel's own buttons for the one before and after. Returns {open(id, known), close(), refresh(features), id()}. */
export function selection(map, panelElement, onStep) {
  let id = null;
  let stamp = null;
  let returnTo = null;
  const said = triage({ onSaved: (feature) => { if (id === feature.properties.id) show(feature, feature.history); }, onStale: () => load(id, null) });
  const panel = detailPanel(panelElement, { onClose: close, onStep, onNear: (feature) => go(map, feature, closeUp(feature)), said });

  /** Opens a defect. known: its feature if already loaded; travel: whether the map goes there however near it is. */
  async function open(wanted, known = null, travel = false) {
    if (id === null) returnTo = document.activeElement;
    id = wanted;
    writeAddress({ defect: id });
    if (known) show(known, null);
    const feature = await load(wanted, known);
    if (!feature || id !== wanted) return;
    if (travel || !known) go(map, feature, closeUp(feature));
    else if (!inSight(map, feature)) go(map, feature, map.getZoom());
  }

  function close() {
    if (id === null) return;
    id = stamp = null;
    writeAddress({ defect: null });
    panel.hide();
    showSelection(map, []);
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
      show(feature, feature.history ?? []);
      return feature;
    } catch (error) {
      if (id === wanted) explain(error, known);
      return known;
    }
  }

  function explain(error, known) {
    const words = wordsFor(error);
    if (known) show(known, null, words);
    else panel.apologise(words);
  }

  function show(feature, history, note) {
    panel.show(feature, history, note);
    const circle = { type: 'Polygon', coordinates: [ring(feature.geometry.coordinates, feature.properties.radius)] };
    showSelection(map, [feature, { ...feature, geometry: circle }]);
  }

  return { open, close, refresh, id: () => id };
}

function wordsFor(error) {
  if (error instanceof NoAnswer) return DETAIL.unreachable;
  if (error instanceof Refused) return error.status === 404 ? DETAIL.gone : DETAIL.refused(error.message);
  throw error;
}

function inSight(map, { geometry }) {
  const { x, y } = map.project(geometry.coordinates);
  const { clientWidth, clientHeight } = map.getContainer();
  const { left, right, bottom } = room(map);
  return x > left && x < clientWidth - right && y > 80 && y < clientHeight - bottom;
}

/** Zoom at which the radius is a circle one can see, without losing sight of the street. */
function closeUp({ geometry, properties }) {
  const ground = METRES_PER_PIXEL * Math.cos((geometry.coordinates[1] * Math.PI) / 180);
  return Math.min(Math.max(Math.log2((ground * RADIUS_PX) / properties.radius), 18), 19);
}

function go(map, { geometry }, zoom) {
  map.flyTo({ center: geometry.coordinates, zoom, padding: { top: 0, ...room(map) }, maxDuration: 1600 });
}

/** Pixels that the cards take from the map's sides. */
function room(map) {
  const { clientWidth, clientHeight } = map.getContainer();
  if (clientWidth < 720) return { left: 0, right: 0, bottom: clientHeight * 0.5 };
  return { left: clientWidth < 1000 ? 0 : 300, right: 420, bottom: 0 }; // as css/layout.css and css/legend.css have it
}
