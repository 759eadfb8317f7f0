/** Giving data to the map: streets, defects, the selected one, tours and areas. */

import { notSelected, roughnessColour, streetColour } from './layers.js';
import { theme } from './theme.js';

const MANY = 3_000; // as symbols they would be a heap from afar, and slow
const DRAWN = ['id', 'kind', 'severity', 'confidence', 'heading']; // what the style asks for; the less the worker is sent, the sooner it is drawn

const streets = new WeakMap(); // map → {most: passes of the busiest street, by: 'passes' or 'roughness'}

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

/** Shows these defects. */
export function showDefects(map, features) {
  map.getSource('defects').setData({ type: 'FeatureCollection', features: features.map(light) });
  const many = features.length > MANY;
  map.setLayoutProperty('dots', 'visibility', many ? 'visible' : 'none');
  map.setLayerZoomRange('defects', many ? map.getLayer('dots').maxzoom : 0, 24);
}

/** Marks one defect with its circle and arrow; features: its point and its circle, or none. */
export function showSelection(map, features) {
  for (const layer of ['defects', 'dots']) map.setFilter(layer, notSelected(features[0]?.properties.id ?? ''));
  map.setFilter('directions', ['all', ['has', 'heading'], notSelected(features[0]?.properties.id ?? '')]);
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
