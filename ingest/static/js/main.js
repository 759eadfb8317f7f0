/** Puts the page together: who listens to whom. */

import { readAddress, writeAddress } from './address.js';
import { mapConfig } from './api.js';
import { boundsOf, lengthOf } from './geometry.js';
import { NoAnswer, Refused } from './http.js';
import { languageSwitch } from './language_switch.js';
import { freshTiles, showDefects, showTracks } from './map_data.js';
import { createMap, fitGrowing, onPick, onSteered, viewOf } from './map_view.js';
import { offered } from './offered.js';
import { WORLD } from './paging.js';
import { selection } from './selection.js';
import { sessionLine } from './session.js';
import { shownDefects } from './shown.js';
import { stateLine } from './state.js';
import { MAP } from './texts.js';
import { tileFilter } from './tile_filter.js';
import { tools } from './tools.js';
import { watch } from './watch.js';
import { workbench } from './workbench.js';

const part = (id) => document.getElementById(id);
const address = readAddress();
const state = stateLine(part('status'), part('notice'));
let steered = address.map !== null || address.defect !== null; // whether a person chose the view, rather than the data

start();

async function start() {
  document.title = MAP.title;
  languageSwitch(part('language'));
  let map = null; // the list is there before the map is drawn
  let chosen = null;
  let more = null;
  let streets = [];
  const who = { name: null, role: 'anyone' };
  const shown = shownDefects(who, (features, held) => {
    if (map) {
      showDefects(map, features, data.whole() ? null : tileFilter(shown.filter()));
      data.sifted();
    }
    bench.show(features, held);
  });
  const bench = workbench(part, { shown, onOpen: (feature) => pick(feature.properties.id), onStep: step, onPlace: visit, onSearched: searched, onSort: () => data.now() });
  let begun;
  const drawn = new Promise((done) => { begun = done; });
  const data = watch({
    view: () => (map ? viewOf(map) : WORLD),
    drawn,
    words: shown.words,
    onDefects: ({ features }, again) => { shown.hold(features); chosen?.refresh(features); if (map && again) freshTiles(map); },
    onTracks: ({ features }) => { streets = features; if (map) showTracks(map, features); },
    onLooked: (held) => { if (map) looked(map, held); },
    onTrouble: trouble,
  });
  const [person, description] = [sessionLine(part('session')), offered()]; // asked for meanwhile: the map waits for neither
  map = await mapOrNothing();
  if (!map) return data.stop();
  map.once('idle', begun);
  shown.follow();
  showTracks(map, streets);
  if (data.held()) looked(map, data.held());
  window.cahotMap = map; // for the browser tests, which ask it where things are drawn
  Object.assign(who, await person);
  if (who.name !== null) shown.follow(); // what is mine is known now
  const offers = await description;
  more = tools(map, part, { offers, who, shown, data, bench, hasGround: map.cahotGround, chosen: () => chosen, onSteered: () => { steered = true; } });
  chosen = selection(map, part('detail'), { onStep: step, onChosen: (id) => { bench.select(id); if (id === null) more.closed(); }, crew: more.crew, onStreet: more.alongStreet, shocks: more.shocks, photos: more.photos });

  onPick(map, (id, event, heap) => { if (!more.took(id, event)) (heap ? visit(heap, map.getZoom() + 2) : pick(id)); });
  onSteered(map, () => { steered = true; });
  map.on('moveend', () => moved(map, data, more));
  window.addEventListener('hashchange', follow);
  if (address.defect) chosen.open(address.defect);
  map.cahotReady = true; // for the same: whatever is clicked is heard

  function pick(id) {
    if (id === null) return chosen?.close();
    steered = true; // what someone reads about must not slide away
    return chosen?.open(id, known(id));
  }

  function known(id) {
    return data.features().find((feature) => feature.properties.id === id) ?? null;
  }

  /** The next defect in the order of the list: the way through all of them without a mouse. */
  function step(by) {
    const order = shown.features();
    if (!order.length || !chosen) return;
    const here = order.findIndex((feature) => feature.properties.id === chosen.id());
    const there = here < 0 ? (by > 0 ? 0 : order.length - 1) : (here + by + order.length) % order.length;
    steered = true;
    chosen.open(order[there].properties.id, order[there], true);
  }

  function visit([longitude, latitude], zoom = Math.max(map?.getZoom(), 17)) {
    steered = true;
    map?.flyTo({ center: [longitude, latitude], zoom });
  }

  /** Return in the search: the first that is found, or the defect of that very reference, wherever it is. */
  function searched(text) {
    const [first] = shown.features();
    steered = true;
    chosen?.open(first?.properties.id ?? text, first ?? null, true);
  }

  function follow() {
    const { defect, map: place, layers, tab } = readAddress();
    steered = true;
    shown.follow();
    bench.follow(tab);
    more.layers(layers);
    if (place) map.jumpTo({ center: [place.longitude, place.latitude], zoom: place.zoom });
    if (defect && defect !== chosen.id()) chosen.open(defect, known(defect), !place);
    else if (!defect) chosen.close();
  }
}

function trouble(error) {
  if (error instanceof Refused) state.refused(error.message);
  else if (error instanceof NoAnswer) state.silent();
  else throw error;
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

function moved(map, data, more) {
  if (steered) {
    const { lng, lat } = map.getCenter();
    writeAddress({ map: { zoom: map.getZoom(), latitude: lat, longitude: lng } });
  }
  data.moved();
  more.moved();
}
