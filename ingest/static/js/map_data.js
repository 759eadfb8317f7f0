/** Giving data to the map: streets, defects, the selected one, tours and areas. */

import { DEFECT_LAYERS, EMPTY, SHOWN_OF, notSelected, roughnessColour, streetColour } from './layers.js';
import { theme } from './theme.js';

const MANY = 3_000; // as symbols they would be a heap from afar, and slow
const FIRST = 1_000; // of a city whose tiles are on their way
const DRAWN = ['id', 'kind', 'severity', 'confidence', 'heading']; // what the style asks for; the less the worker is sent, the sooner it is drawn

const streets = new WeakMap(); // map → {most: passes of the busiest street, by: 'passes' or 'roughness'}
const spots = new WeakMap(); // map → {tiled: whether tiles are shown, only: expression of those that pass the filter, selected: id}

/** Shows the street traces. */
export function showTracks(map, features) {
  map.getSource('tracks').setData({ type: 'FeatureCollection', features });
  colourStreets(map, { most: features.reduce((most, feature) => Math.max(most, feature.properties.passes), 1) });
}

/** Colours the streets by `passes` or by `roughness`. */
export function colourStreets(map, change) {
  const now = { most: 1, by: 'passes', ...streets.get(map), ...change };
  streets.set(map, now);
  map.setPaintProperty('street', 'line-color', now.by === 'roughness' ? roughnessColour(theme()) : streetColour(theme(), now.most));
}

/** Shows these defects; only: an expression (see tile_filter.js) shows those of the server's tiles that pass it in their place, null does not. */
export function showDefects(map, features, only = null) {
  const before = spots.get(map) ?? { tiled: false, only: null, selected: '' };
  const now = { ...before, tiled: only !== null, only };
  spots.set(map, now);
  if (now.tiled && JSON.stringify(only) !== JSON.stringify(before.only)) sift(map, DEFECT_LAYERS.tiled);
  if (now.tiled !== before.tiled) seen(map, DEFECT_LAYERS.tiled, now.tiled);
  if (!now.tiled) return drawHeld(map, features);
  if (before.tiled) return undefined;
  drawHeld(map, features.slice(0, FIRST)); // until the tiles are there
  return map.once('idle', () => { if (spots.get(map).tiled) drawHeld(map, []); });
}

/** Asks for the tiles again that are seen: something changed. */
export function freshTiles(map) {
  if (spots.get(map)?.tiled) map.refreshTiles('city');
}

function drawHeld(map, features) {
  map.getSource('defects').setData(features.length ? { type: 'FeatureCollection', features: features.map(light) } : EMPTY);
  const many = features.length > MANY;
  map.setLayoutProperty('dots', 'visibility', many ? 'visible' : 'none');
  map.setLayerZoomRange('defects', many ? map.getLayer('dots').maxzoom : 0, 24);
}

function sift(map, layers) {
  const { only, selected } = spots.get(map);
  for (const layer of layers) map.setFilter(layer, ['all', notSelected(selected), ...(SHOWN_OF[layer] ? [SHOWN_OF[layer]] : []), ...(layer.startsWith('tiled') && only ? only : [])]);
}

/** Marks one defect with its circle and arrow; features: its point and its circle, or none. */
export function showSelection(map, features) {
  spots.set(map, { tiled: false, only: null, ...spots.get(map), selected: features[0]?.properties.id ?? '' });
  sift(map, [...DEFECT_LAYERS.held, ...DEFECT_LAYERS.tiled]);
  map.getSource('selection').setData({ type: 'FeatureCollection', features: features.map(light) });
}

/** Puts features into one of the other sources: coverage, crossings, tour, area, places. */
export function put(map, source, features) {
  map.getSource(source).setData({ type: 'FeatureCollection', features });
}

/** Shows or hides layers by id. */
export function seen(map, layers, visible) {
  for (const layer of layers) map.setLayoutProperty(layer, 'visibility', visible ? 'visible' : 'none');
}

/** Only what the style asks for, and no nulls: it asks whether there is a heading. */
function light({ geometry, properties }) {
  const kept = DRAWN.filter((name) => properties[name] !== null && properties[name] !== undefined);
  return { type: 'Feature', geometry, properties: Object.fromEntries(kept.map((name) => [name, properties[name]])) };
}
