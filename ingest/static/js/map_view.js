/** The map itself: made once, fed with data, fitted to it until someone takes the wheel. Knows MapLibre; the other modules do not. */

import { AttributionControl, LngLatBounds, Map as MapLibreMap, NavigationControl, Popup, ScaleControl, prewarm } from '../vendor/maplibre-gl-6.17.0/maplibre-gl.mjs';
import { within } from './geometry.js';
import { DEFECT_LAYERS, defectLayers, ownSources, streetLayers } from './layers.js';
import { colourStreets } from './map_data.js';
import { addMoreLayers, moreLayers, redrawHatch } from './more_layers.js';
import { addSymbols } from './symbols.js';
import { MAP } from './texts.js';
import { onThemeChange, theme } from './theme.js';

prewarm(); // its workers load while the page asks what to draw

const INHABITED = [-170, -60, 170, 75]; // seen until the first data comes
const PICKED = Object.values(DEFECT_LAYERS).flat().filter((layer) => !layer.includes('directions'));
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
  await map.once('style.load'); // not its first picture: what the page adds is in that already
  map.cahotGround = Boolean(config.style || config.tiles);
  addOwn(map, !map.cahotGround);
  return map;
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

/**
 * Calls listener(id or null, event, place) with the defect nearest to a click, and shows a hand over defects. place: [lon, lat] of a
 * point that stands for several, with the id null; else null.
 */
export function onPick(map, listener) {
  map.on('click', (event) => {
    const found = nearest(map, event.point);
    const heap = found?.properties.count > 1 ? found.geometry.coordinates : null;
    listener(heap ? null : found?.properties.id ?? null, event, heap);
  });
  for (const layer of PICKED) {
    map.on('mousemove', layer, () => { map.getCanvas().style.cursor = 'pointer'; });
    map.on('mouseleave', layer, () => { map.getCanvas().style.cursor = ''; });
  }
}

/** Shows a small card at a place, nodes in it, closed by a click elsewhere or Escape. */
export function popup(map, place, node) {
  return new Popup({ maxWidth: '280px', closeButton: false, offset: 10 }).setLngLat(place).setDOMContent(node).addTo(map);
}

/** How a box is fitted: beside the cards, and not so near that a single street fills the map. */
function fitting(container) {
  const small = container.clientWidth < 720;
  return { padding: small ? { top: 84, bottom: 190, left: 28, right: 44 } : { top: 40, bottom: 48, left: 372, right: 72 }, maxZoom: 17 };
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

function plainStyle(config) {
  const background = { id: 'ground', type: 'background', paint: { 'background-color': theme().ground } };
  if (!config.tiles) return { version: 8, sources: {}, layers: [background] };
  const tiles = { type: 'raster', tiles: [config.tiles], tileSize: 256, maxzoom: 19 };
  return { version: 8, sources: { tiles }, layers: [background, { id: 'tiles', type: 'raster', source: 'tiles' }] };
}

function addOwn(map, withStreets) {
  for (const [name, source] of Object.entries(ownSources())) map.addSource(name, source);
  addSymbols(map, theme());
  for (const layer of ownLayers(withStreets)) map.addLayer(layer);
  addMoreLayers(map, theme());
  onThemeChange(() => {
    if (map.getLayer('ground')) map.setPaintProperty('ground', 'background-color', theme().ground);
    addSymbols(map, theme());
    redrawHatch(map, theme());
    for (const { id, paint } of [...ownLayers(withStreets), ...moreLayers(theme())]) {
      for (const [name, value] of Object.entries(paint ?? {})) map.setPaintProperty(id, name, value);
    }
    colourStreets(map, {});
  });
}

function ownLayers(withStreets) {
  return [...streetLayers(theme(), withStreets), ...defectLayers(theme())];
}

/** Calls listener whenever a person moves the map. MapLibre names no original event for the wheel's zoom, so it is asked for itself. */
export function onSteered(map, listener) {
  map.on('movestart', (event) => { if (event.originalEvent) listener(); });
  map.on('wheel', listener);
}

function nearest(map, { x, y }) {
  const found = map.queryRenderedFeatures([[x - REACH_PX, y - REACH_PX], [x + REACH_PX, y + REACH_PX]], { layers: PICKED });
  const distance = (feature) => {
    const at = map.project(feature.geometry.coordinates);
    return Math.hypot(at.x - x, at.y - y);
  };
  return found.sort((a, b) => distance(a) - distance(b))[0];
}
