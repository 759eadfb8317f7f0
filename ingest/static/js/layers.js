/** Streets and defects as MapLibre style layers, from the ground up to the selected defect. */

import { CERTAINTIES, KINDS } from './kinds.js';

const CLOSE = 17.6; // zoom from which the radius of a position is seen, rather than a ring around the symbol
export const ROUGHNESS = [0.3, 0.8, 1.3, 2.2]; // m/s²
export const DOTS_UNTIL = 14; // zoom
export const EMPTY = { type: 'FeatureCollection', features: [] };
const KIND_NAMES = KINDS.map((kind) => kind.name);
const ICON = ['concat', ['match', ['get', 'kind'], KIND_NAMES, ['get', 'kind'], 'unknown'], '/', certainty()];
export const COLOUR = ['match', ['get', 'kind'], ...KINDS.flatMap((kind) => [kind.name, kind.colour]), KINDS.at(-1).colour];

/** The page's own sources: empty until data comes. */
export function ownSources() {
  const geojson = { type: 'geojson', data: EMPTY };
  const tiles = [new URL('v1/tiles/', document.baseURI).href + '{z}/{x}/{y}.mvt'];
  return { tracks: { ...geojson, tolerance: 0.2 }, selection: geojson, defects: { ...geojson, promoteId: 'id', tolerance: 0 }, city: { type: 'vector', tiles, maxzoom: 16 } };
}

/** Streets drawn from the passes: dark edge below, light street above, warmer where more passes went. */
export function streetLayers(theme, shown = true) {
  const layout = { 'line-cap': 'round', 'line-join': 'round', 'line-sort-key': ['get', 'passes'], visibility: shown ? 'visible' : 'none' };
  return [
    { id: 'street-casing', type: 'line', source: 'tracks', layout, paint: { 'line-color': theme.casing, 'line-width': width(1.4) } },
    { id: 'street', type: 'line', source: 'tracks', layout, paint: { 'line-color': streetColour(theme, 1), 'line-width': width(0) } },
  ];
}

/** Colour of streets by passes, for a busiest street of `most` passes. */
export function streetColour(theme, most) {
  const full = Math.max(most, 20); // two passes must not look busy because nobody passed thrice
  return ['interpolate', ['linear'], ['get', 'passes'], full * 0.15, theme.quiet, full, theme.busy];
}

/** Colour of streets by roughness (vertical RMS, m/s²): smooth asphalt is near 0.3, cobbles are above 1.5. */
export function roughnessColour(theme) {
  return ['interpolate', ['linear'], ['get', 'roughness'], ...theme.roughness.flatMap((colour, i) => [ROUGHNESS[i], colour])];
}

/** Shows all but the one that is drawn by layers of its own. */
export function notSelected(id) {
  return ['!=', ['get', 'id'], id];
}

/** The layers of defects themselves: `held` of what the page holds, `tiled` of a city that is too large for that. */
export const DEFECT_LAYERS = { held: ['dots', 'directions', 'defects'], tiled: ['tiled-dots', 'tiled-directions', 'tiled-defects'] };

/** What each of these layers shows of its source. */
export const SHOWN_OF = { directions: ['has', 'heading'], 'tiled-directions': ['has', 'heading'] };

/** From afar, where thousands would be a heap of symbols, dots; from DOTS_UNTIL on symbols. The defects, with the selected one marked. */
export function defectLayers(theme) {
  return [
    { id: 'radius', type: 'fill', source: 'selection', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': COLOUR, 'fill-opacity': 0.22 } },
    { id: 'radius-edge', type: 'line', source: 'selection', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'line-color': COLOUR, 'line-width': 2 } },
    { id: 'selected', type: 'circle', source: 'selection', filter: ['==', ['geometry-type'], 'Point'], maxzoom: CLOSE, paint: selectedPaint(theme) },
    { id: 'approach', type: 'symbol', source: 'selection', filter: ['all', ['==', ['geometry-type'], 'Point'], ['has', 'heading']], layout: turned('approach') },
    ...spotLayers(theme, '', { source: 'defects' }),
    ...spotLayers(theme, 'tiled-', { source: 'city', 'source-layer': 'defects' }),
    { id: 'selected-icon', type: 'symbol', source: 'selection', filter: ['==', ['geometry-type'], 'Point'], layout: iconLayout(selectedSize()) },
  ];
}

function spotLayers(theme, prefix, from) {
  const hidden = { visibility: 'none' };
  const [unseen, nearer] = prefix ? [hidden, { minzoom: DOTS_UNTIL }] : [{}, {}];
  return [
    { id: `${prefix}dots`, type: 'circle', ...from, maxzoom: DOTS_UNTIL, layout: { ...hidden, 'circle-sort-key': ['get', 'severity'] }, paint: dotPaint(theme) },
    { id: `${prefix}directions`, type: 'symbol', ...from, minzoom: 15.5, filter: SHOWN_OF[`${prefix}directions`], layout: { ...unseen, ...turned('direction'), 'icon-size': size() } },
    { id: `${prefix}defects`, type: 'symbol', ...from, ...nearer, layout: { ...unseen, ...iconLayout(size()) }, paint: { 'icon-opacity': opacity() } },
  ];
}

function iconLayout(iconSize) {
  return {
    'icon-image': ICON,
    'icon-size': iconSize,
    'icon-allow-overlap': true,
    'icon-ignore-placement': true,
    'symbol-sort-key': ['+', ['get', 'severity'], ['get', 'confidence']],
  };
}

function turned(image) {
  return { 'icon-image': image, 'icon-rotate': ['get', 'heading'], 'icon-rotation-alignment': 'map', 'icon-allow-overlap': true, 'icon-ignore-placement': true };
}

/** Size = severity (1 = just felt), and smaller from afar so that a whole city does not become a heap. */
function size() {
  const bySeverity = (factor) => ['interpolate', ['linear'], ['get', 'severity'], 0.5, 0.5 * factor, 2, 0.72 * factor, 6, 1.15 * factor];
  return ['interpolate', ['linear'], ['zoom'], 10, bySeverity(0.5), 13, bySeverity(0.8), 16, bySeverity(1.1)];
}

/** Large where it marks the choice, small from close by, where the circle of its radius tells more. */
function selectedSize() {
  return ['interpolate', ['linear'], ['zoom'], 12, 0.9, CLOSE - 0.5, 0.9, CLOSE + 0.4, 0.6];
}

/** The likely are paler; the doubtful are drawn hollow, which paler would make unreadable. */
function opacity() {
  const [sure, likely] = CERTAINTIES;
  return ['step', ['get', 'confidence'], 1, likely.from, 0.8, sure.from, 1];
}

function dotPaint(theme) {
  const radius = (factor) => ['interpolate', ['linear'], ['get', 'severity'], 0.5, 1.6 * factor, 2, 2.4 * factor, 6, 4 * factor];
  return { 'circle-color': COLOUR, 'circle-radius': ['interpolate', ['linear'], ['zoom'], 10, radius(0.8), DOTS_UNTIL, radius(2)], 'circle-stroke-color': theme.symbolEdge, 'circle-stroke-width': ['interpolate', ['linear'], ['zoom'], 11, 0.3, DOTS_UNTIL, 1] };
}

function selectedPaint(theme) {
  return { 'circle-radius': 19, 'circle-color': theme.arrowEdge, 'circle-opacity': 0.5, 'circle-stroke-color': theme.arrow, 'circle-stroke-width': 2.5 };
}

/** Street width in pixels by zoom, near 7 m on the ground from zoom 16 on; edge: pixels added for the casing. */
function width(edge) {
  return ['interpolate', ['exponential', 1.7], ['zoom'], 10, 0.8 + edge * 0.5, 13, 3 + edge, 16, 12 + 2 * edge, 20, 72 + 3 * edge];
}

function certainty() {
  const [sure, likely, doubtful] = CERTAINTIES;
  return ['step', ['get', 'confidence'], doubtful.name, likely.from, likely.name, sure.from, sure.name];
}
