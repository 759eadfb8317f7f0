/** Puts the page together: who listens to whom. */

import { readAddress, writeAddress } from './address.js';
import { mapConfig, Refused } from './api.js';
import { boundsOf, lengthOf } from './geometry.js';
import { legend, passes } from './legend.js';
import { createMap, fitGrowing, onPick, onSteered, showDefects, showOnly, showTracks, viewOf } from './map_view.js';
import { selection } from './selection.js';
import { sessionLine } from './session.js';
import { stateLine } from './state.js';
import { watch } from './watch.js';

const part = (id) => document.getElementById(id);
const address = readAddress();
const state = stateLine(part('status'), part('notice'));
let steered = address.map !== null || address.defect !== null; // whether a person chose the view, rather than the data

start();
sessionLine(part('session'));

async function start() {
  const map = await mapOrNothing();
  if (!map) return;
  const chosen = selection(map, part('detail'), (step) => stepTo(chosen, key, data, step));
  const key = legend(part('legend'), { onFilter: (filter) => applyFilter(map, key, filter, data), onStep: (step) => stepTo(chosen, key, data, step) });
  const data = watch({
    view: () => viewOf(map),
    onDefects: ({ features }) => {
      showDefects(map, features);
      key.counts(features);
      chosen.refresh(features);
    },
    onTracks: ({ features }) => showTracks(map, features),
    onLooked: (held) => looked(map, held),
    onTrouble: (error) => (error instanceof Refused ? state.refused(error.message) : state.silent()),
  });

  onPick(map, (id) => pick(chosen, data, id));
  onSteered(map, () => { steered = true; });
  map.on('moveend', () => moved(map, data));
  window.addEventListener('hashchange', () => followAddress(map, chosen, data));
  if (address.defect) chosen.open(address.defect);
  window.cahotMap = map; // for the browser tests, which wait for it to be idle and ask where things are drawn
}

async function mapOrNothing() {
  const config = await mapConfig().catch(() => ({})); // without an answer the watch will say so
  try {
    return await createMap(part('map'), config, address.map);
  } catch {
    state.broken();
    return null;
  }
}

/** After each answer: says how things stand, and keeps everything in view while it grows and nobody steers. */
function looked(map, { defects, tracks }) {
  state.fresh({ defects: defects.features.length, metres: lengthOf(tracks.features), complete: defects.complete, k: defects.head.k });
  const box = boundsOf([...defects.features, ...tracks.features]);
  if (box && !steered) fitGrowing(map, box);
}

function moved(map, data) {
  if (steered) {
    const { lng, lat } = map.getCenter();
    writeAddress({ map: { zoom: map.getZoom(), latitude: lat, longitude: lng } });
  }
  data.moved();
}

function applyFilter(map, key, filter, data) {
  showOnly(map, filter);
  key.counts(data.features());
}

function pick(chosen, data, id) {
  if (id === null) return chosen.close();
  steered = true; // what someone reads about must not slide away
  return chosen.open(id, known(data, id));
}

/** The next defect in the order of priority, then severity: the way through all of them without a mouse. */
function stepTo(chosen, key, data, step) {
  const filter = key.filter();
  const order = data.features().filter((feature) => passes(filter, feature)).sort(moreUrgent);
  if (!order.length) return;
  const here = order.findIndex((feature) => feature.properties.id === chosen.id());
  const there = here < 0 ? (step > 0 ? 0 : order.length - 1) : (here + step + order.length) % order.length;
  steered = true;
  chosen.open(order[there].properties.id, order[there], true);
}

function moreUrgent({ properties: a }, { properties: b }) {
  return (b.priority ?? 0) - (a.priority ?? 0) || b.severity - a.severity || (a.id < b.id ? -1 : 1);
}

function known(data, id) {
  return data.features().find((feature) => feature.properties.id === id) ?? null;
}

function followAddress(map, chosen, data) {
  const { defect, map: place } = readAddress();
  steered = true;
  if (place) map.jumpTo({ center: [place.longitude, place.latitude], zoom: place.zoom });
  if (defect && defect !== chosen.id()) chosen.open(defect, known(data, defect), !place);
  else if (!defect) chosen.close();
}
