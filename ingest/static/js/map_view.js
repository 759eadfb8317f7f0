/** The map itself: made once, fed with data, fitted to it until someone takes the wheel. Knows MapLibre; the other modules do not. */

import { AttributionControl, LngLatBounds, Map as MapLibreMap, NavigationControl, ScaleControl } from '../vendor/maplibre-gl-6.17.0/maplibre-gl.mjs';
import { within } from './geometry.js';
import { KINDS } from './kinds.js';
import { defectLayers, sources, streetColour, streetLayers, visible } from './layers.js';
import { addSymbols } from './symbols.js';
import { MAP } from './texts.js';
import { onThemeChange, theme } from './theme.js';

const drawn = new WeakMap(); // map → {kinds, least, selected}: what its filters are made of
const INHABITED = [-170, -60, 170, 75]; // seen until the first data comes
const REACH_PX = 9; // a finger or a hurried mouse may miss a symbol by so much

/** Starts the map in `container`. config: see api.mapConfig. at: {zoom, latitude, longitude} or null. Throws without WebGL. */
export async function createMap(container, config, at) {
  const map = new MapLibreMap({
    container,
    style: config.style ?? plainStyle(config),
    ...(at ? { center: [at.longitude, at.latitude], zoom: at.zoom } : { bounds: config.bounds ?? INHABITED, fitBoundsOptions: fitting(container) }),
    renderWorldCopies: false, // a box across the date line is not asked for
    maxZoom: 21,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    fadeDuration: 0, // a refresh must not make every symbol blink
    locale: MAP.controls,
  });
  map.getCanvas().setAttribute('aria-label', MAP.label);
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), 'bottom-right');
  map.addControl(new ScaleControl({ maxWidth: 90 }), 'bottom-right');
  if (config.style || config.tiles) map.addControl(new AttributionControl({ compact: true, customAttribution: config.attribution ?? undefined }), 'bottom-left');
  await map.once('load');
  addOwn(map, !(config.style || config.tiles));
  return map;
}

/** Shows the street traces. */
export function showTracks(map, features) {
  map.getSource('tracks').setData({ type: 'FeatureCollection', features });
  if (map.getLayer('street')) map.setPaintProperty('street', 'line-color', streetColour(theme(), busiest(features)));
}

/** Shows the defects. Headings that are null are left out: the style asks whether there is one. */
export function showDefects(map, features) {
  map.getSource('defects').setData({ type: 'FeatureCollection', features: features.map(withoutNulls) });
}

/** Marks one defect with its circle and arrow; features: its point and its circle, or none. */
export function showSelection(map, features) {
  narrow(map, { selected: features[0]?.properties.id ?? '' });
  map.getSource('selection').setData({ type: 'FeatureCollection', features: features.map(withoutNulls) });
}

/** Hides what the legend's filter excludes. */
export function showOnly(map, { kinds, least }) {
  narrow(map, { kinds, least });
}

/** The box [west, south, east, north] that is seen now. */
export function viewOf(map) {
  return map.getBounds().toArray().flat();
}

/** Moves the map so that a box fills what the cards leave free; nothing while it lies there already. */
export function fitGrowing(map, box) {
  const begun = map.getZoom() > 3; // at first the world is seen, which holds every box
  if (begun && within(box, free(map))) return;
  map.fitBounds(new LngLatBounds(box), { ...fitting(map.getContainer()), duration: begun ? 600 : 0 });
}

/** Calls listener(id or null) with the defect nearest to a click, and shows a hand over defects. */
export function onPick(map, listener) {
  map.on('click', (event) => listener(nearest(map, event.point)?.properties.id ?? null));
  map.on('mousemove', 'defects', () => { map.getCanvas().style.cursor = 'pointer'; });
  map.on('mouseleave', 'defects', () => { map.getCanvas().style.cursor = ''; });
}

/** How a box is fitted: beside the cards, and not so near that a single street fills the map. */
function fitting(container) {
  const small = container.clientWidth < 720;
  return { padding: small ? { top: 96, bottom: 76, left: 28, right: 28 } : { top: 56, bottom: 56, left: 330, right: 72 }, maxZoom: 17 };
}

/** The box that is seen beside the cards, a little generous: at its edge a fit must not repeat itself. */
function free(map) {
  const { clientWidth: width, clientHeight: height } = map.getContainer();
  const { padding } = fitting(map.getContainer());
  const slack = 20;
  const northWest = map.unproject([padding.left - slack, padding.top - slack]);
  const southEast = map.unproject([width - padding.right + slack, height - padding.bottom + slack]);
  return [northWest.lng, southEast.lat, southEast.lng, northWest.lat];
}

/** The filter of the legend and the selection live in one expression: each changes its own part. */
function narrow(map, change) {
  drawn.set(map, { ...drawn.get(map), ...change });
  const filter = visible(drawn.get(map));
  map.setFilter('defects', filter);
  map.setFilter('directions', ['all', ['has', 'heading'], filter]);
}

function plainStyle(config) {
  const background = { id: 'ground', type: 'background', paint: { 'background-color': theme().ground } };
  if (!config.tiles) return { version: 8, sources: {}, layers: [background] };
  const tiles = { type: 'raster', tiles: [config.tiles], tileSize: 256, maxzoom: 19 };
  return { version: 8, sources: { tiles }, layers: [background, { id: 'tiles', type: 'raster', source: 'tiles' }] };
}

function addOwn(map, withStreets) {
  for (const [name, source] of Object.entries(sources())) map.addSource(name, source);
  addSymbols(map, theme());
  drawn.set(map, { kinds: KINDS.map((kind) => kind.name), least: 0, selected: '' });
  for (const layer of ownLayers(withStreets)) map.addLayer(layer);
  onThemeChange(() => {
    if (map.getLayer('ground')) map.setPaintProperty('ground', 'background-color', theme().ground);
    addSymbols(map, theme());
    for (const { id, paint } of ownLayers(withStreets)) {
      for (const [name, value] of Object.entries(paint ?? {})) map.setPaintProperty(id, name, value);
    }
  });
}

function ownLayers(withStreets) {
  return [...(withStreets ? streetLayers(theme()) : []), ...defectLayers(theme())];
}

/** Calls listener whenever a person moves the map. MapLibre names no original event for the wheel's zoom, so it is asked for itself. */
export function onSteered(map, listener) {
  map.on('movestart', (event) => { if (event.originalEvent) listener(); });
  map.on('wheel', listener);
}

function nearest(map, { x, y }) {
  const found = map.queryRenderedFeatures([[x - REACH_PX, y - REACH_PX], [x + REACH_PX, y + REACH_PX]], { layers: ['defects'] });
  const distance = (feature) => {
    const at = map.project(feature.geometry.coordinates);
    return Math.hypot(at.x - x, at.y - y);
  };
  return found.sort((a, b) => distance(a) - distance(b))[0];
}

function busiest(features) {
  return features.reduce((most, feature) => Math.max(most, feature.properties.passes), 1);
}

function withoutNulls(feature) {
  const kept = Object.entries(feature.properties).filter(([, value]) => value !== null);
  return { ...feature, properties: Object.fromEntries(kept) };
}
