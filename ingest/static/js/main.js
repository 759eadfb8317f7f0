/** Puts the page together: the map, what is asked of the server, and who listens to whom. */

import { readAddress, writeAddress } from './address.js';
import { defects, mapConfig, Refused, tracks } from './api.js';
import { boundsOf, grown, lengthOf, within } from './geometry.js';
import { legend, passes } from './legend.js';
import { createMap, fit, onPick, onSteered, showDefects, showOnly, showTracks } from './map_view.js';
import { poll } from './poll.js';
import { selection } from './selection.js';
import { stateLine } from './state.js';

const DEFECTS_EVERY_MS = 4_000;
const TRACKS_EVERY_MS = 12_000;
const WORLD = [-180, -90, 180, 90];
const part = (id) => document.getElementById(id);

const state = stateLine(part('status'), part('notice'));
const address = readAddress();
let shownDefects = null;
let shownTracks = null;
let drivenMetres = 0;
let area = WORLD; // what is asked for: all, until someone moves the map
let steered = address.map !== null || address.defect !== null;

start();

async function start() {
  const map = await mapOrNothing();
  if (!map) return;
  if (address.map) area = grown(map.getBounds().toArray().flat(), 0.5);
  const chosen = selection(map, part('detail'));
  const key = legend(part('legend'), { onFilter: (filter) => applyFilter(map, key, filter), onStep: (step) => stepTo(chosen, key, step) });
  const askDefects = poll((signal) => refreshDefects(map, key, chosen, signal), DEFECTS_EVERY_MS, trouble);
  const askTracks = poll((signal) => refreshTracks(map, signal), TRACKS_EVERY_MS, trouble);

  onPick(map, (id) => pick(chosen, id));
  onSteered(map, () => { steered = true; });
  map.on('moveend', () => moved(map, [askDefects, askTracks]));
  window.addEventListener('hashchange', () => followAddress(map, chosen));
  if (address.defect) chosen.open(address.defect);
  window.cahotMap = map; // for the browser tests, which wait for it to be idle and ask where things are drawn
}

async function mapOrNothing() {
  const config = await mapConfig().catch(() => ({})); // without an answer the polling below says so
  try {
    return await createMap(part('map'), config, address.map);
  } catch {
    state.broken();
    return null;
  }
}

async function refreshDefects(map, key, chosen, signal) {
  const got = await defects(area, shownDefects, signal);
  if (got !== shownDefects) {
    shownDefects = got;
    showDefects(map, got.features);
    key.counts(got.features);
    chosen.refresh(got.features);
    follow(map);
  }
  tellState();
}

async function refreshTracks(map, signal) {
  const got = await tracks(area, shownTracks, signal);
  if (got === shownTracks) return;
  shownTracks = got;
  drivenMetres = lengthOf(got.features);
  showTracks(map, got.features);
  follow(map);
  tellState();
}

function tellState() {
  if (!shownDefects || !shownTracks) return;
  state.fresh({ defects: shownDefects.features.length, metres: drivenMetres, complete: shownDefects.complete, k: shownDefects.head.k });
}

function trouble(error) {
  if (error instanceof Refused) state.refused(error.message);
  else state.silent();
}

/** Keeps everything in view while the data grows, until someone moves the map. */
function follow(map) {
  if (steered) return;
  const box = boundsOf([...(shownDefects?.features ?? []), ...(shownTracks?.features ?? [])]);
  const view = map.getBounds().toArray().flat();
  const fitted = box && map.getZoom() > 3 && within(box, view);
  if (box && !fitted) fit(map, box, map.getZoom() > 3);
}

function moved(map, asked) {
  if (!steered) return;
  const { lng, lat } = map.getCenter();
  writeAddress({ map: { zoom: map.getZoom(), latitude: lat, longitude: lng } });
  const view = map.getBounds().toArray().flat();
  if (area !== WORLD && within(view, area)) return;
  area = grown(view, 0.5);
  for (const ask of asked) ask.now();
}

function applyFilter(map, key, filter) {
  showOnly(map, filter);
  key.counts(shownDefects?.features ?? []);
}

function pick(chosen, id) {
  if (id === null) return chosen.close();
  steered = true; // what someone reads about must not slide away
  return chosen.open(id, known(id));
}

/** The next defect in the order of priority, then severity: the way through all of them without a mouse. */
function stepTo(chosen, key, step) {
  const filter = key.filter();
  const order = (shownDefects?.features ?? []).filter((feature) => passes(filter, feature)).sort(moreUrgent);
  if (!order.length) return;
  const here = order.findIndex((feature) => feature.properties.id === chosen.id());
  const there = here < 0 ? (step > 0 ? 0 : order.length - 1) : (here + step + order.length) % order.length;
  steered = true;
  chosen.open(order[there].properties.id, order[there], true);
}

function moreUrgent({ properties: a }, { properties: b }) {
  return (b.priority ?? 0) - (a.priority ?? 0) || b.severity - a.severity || (a.id < b.id ? -1 : 1);
}

function known(id) {
  return shownDefects?.features.find((feature) => feature.properties.id === id) ?? null;
}

function followAddress(map, chosen) {
  const { defect, map: place } = readAddress();
  if (place) map.jumpTo({ center: [place.longitude, place.latitude], zoom: place.zoom });
  if (defect && defect !== chosen.id()) chosen.open(defect, known(defect), !place);
  else if (!defect) chosen.close();
}
