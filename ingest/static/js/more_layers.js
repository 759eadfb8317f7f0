/** The layers that are switched on when they are wanted: where we cannot know, crossings, a tour, an area drawn by hand, a chosen street, chosen places. */

import { EMPTY } from './layers.js';
import { READ_BACK } from './symbols.js';

const SOURCES = ['coverage', 'crossings', 'tour', 'area', 'along', 'places'];
const WORLD = [[[-180, -85], [180, -85], [180, 85], [-180, 85], [-180, -85]]];
const HATCH_PX = 12;
const ALONG_WIDTH = ['interpolate', ['exponential', 2], ['zoom'], 10, 10, 15, ['max', 14, ['*', ['get', 'wide'], 2 ** 15]], 22, ['*', ['get', 'wide'], 2 ** 22]]; // as wide as what counts as on it

/** Adds sources and layers, all hidden until something is in them. theme: see theme.js. */
export function addMoreLayers(map, theme) {
  for (const name of SOURCES) map.addSource(name, { type: 'geojson', data: EMPTY });
  map.addSource('everywhere', { type: 'geojson', data: { type: 'Polygon', coordinates: WORLD } });
  map.addImage('hatch', hatch(theme), { pixelRatio: 2 });
  for (const { below, ...layer } of moreLayers(theme)) map.addLayer(layer, below);
}

/** After a change of theme. */
export function redrawHatch(map, theme) {
  map.updateImage('hatch', hatch(theme));
}

/** The layers; `below`: id of the layer that each lies under. */
export function moreLayers(theme) {
  const hidden = { visibility: 'none' };
  const crew = ['%', ['get', 'crew'], theme.tour.length];
  const crewColour = ['match', crew, ...theme.tour.flatMap((colour, i) => [i, colour]), theme.tour[0]];
  return [
    { id: 'unknown', type: 'fill', source: 'everywhere', layout: hidden, paint: { 'fill-pattern': 'hatch' }, below: 'street-casing' },
    { id: 'coverage', type: 'line', source: 'coverage', layout: { ...hidden, 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': coverageColour(theme), 'line-width': wide(), 'line-opacity': 0.9 }, below: 'street-casing' },
    { id: 'area-fill', type: 'fill', source: 'area', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': theme.tour[0], 'fill-opacity': 0.1 }, below: 'radius' },
    { id: 'area-line', type: 'line', source: 'area', paint: { 'line-color': theme.tour[0], 'line-width': 2, 'line-dasharray': [3, 2] }, below: 'radius' },
    { id: 'along', type: 'line', source: 'along', layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': theme.tour[0], 'line-opacity': 0.3, 'line-width': ALONG_WIDTH }, below: 'street-casing' },
    { id: 'tour-casing', type: 'line', source: 'tour', filter: ['==', ['geometry-type'], 'LineString'], layout: { 'line-join': 'round' }, paint: { 'line-color': theme.symbolEdge, 'line-width': 7, 'line-opacity': 0.8 }, below: 'radius' },
    { id: 'tour', type: 'line', source: 'tour', filter: ['==', ['geometry-type'], 'LineString'], layout: { 'line-join': 'round' }, paint: { 'line-color': crewColour, 'line-width': 3.5 }, below: 'radius' },
    { id: 'tour-stops', type: 'symbol', source: 'tour', filter: ['==', ['geometry-type'], 'Point'], layout: { 'icon-image': ['concat', 'stop/', ['get', 'order']], 'icon-offset': [0, -22], 'icon-allow-overlap': true, 'icon-ignore-placement': true } },
    { id: 'crossings', type: 'circle', source: 'crossings', layout: hidden, paint: crossingPaint(theme), below: 'radius' },
    { id: 'places', type: 'circle', source: 'places', paint: { 'circle-radius': 8, 'circle-color': theme.tour[0], 'circle-stroke-color': theme.symbolEdge, 'circle-stroke-width': 3 } },
  ];
}

/** Few devices pale, many strong; nothing at all stays hatched. */
function coverageColour(theme) {
  return ['interpolate', ['linear'], ['get', 'devices'], 3, theme.few, 15, theme.many];
}

/** Size by how many came there, fill by the share that brakes. */
function crossingPaint(theme) {
  return {
    'circle-radius': ['interpolate', ['linear'], ['zoom'], 12, 3, 16, 9],
    'circle-color': ['interpolate', ['linear'], ['get', 'braking'], 0, theme.symbolEdge, 1, theme.arrow],
    'circle-stroke-color': theme.arrow,
    'circle-stroke-width': 1.5,
  };
}

/** Pictures of the numbers 1 to most, for the stops of a tour: MapLibre would want fonts from a server for text. */
export function numberStops(map, theme, most) {
  for (let number = 1; number <= most; number += 1) {
    if (!map.hasImage(`stop/${number}`)) map.addImage(`stop/${number}`, plate(String(number), theme), { pixelRatio: 2 });
  }
}

function plate(text, theme) {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [52, 36];
  const c = canvas.getContext('2d', READ_BACK);
  c.fillStyle = theme.arrow;
  c.beginPath();
  c.roundRect(2, 2, 48, 32, 10);
  c.fill();
  c.fillStyle = theme.arrowEdge;
  c.font = 'bold 24px sans-serif';
  [c.textAlign, c.textBaseline] = ['center', 'middle'];
  c.fillText(text, 26, 19);
  return c.getImageData(0, 0, 52, 36);
}

function wide() {
  return ['interpolate', ['exponential', 1.7], ['zoom'], 10, 4, 13, 9, 16, 26, 20, 120];
}

/** Diagonal lines, as maps have drawn what nobody surveyed for centuries. */
function hatch(theme) {
  const size = HATCH_PX * 2;
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = size;
  const c = canvas.getContext('2d', READ_BACK);
  c.strokeStyle = theme.unknown;
  c.lineWidth = 2.5;
  for (const shift of [-size, 0, size]) {
    c.moveTo(shift - 2, size + 2);
    c.lineTo(shift + size + 2, -2);
  }
  c.stroke();
  return c.getImageData(0, 0, size, size);
}
