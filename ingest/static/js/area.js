/** Drawing an area by hand: a click for each corner, Return or the button to finish; the view itself for who uses no mouse. */

import { put } from './map_data.js';
import { viewOf } from './map_view.js';
import { AREA } from './texts.js';

/** Returns {start(), show(ring or null), busy(), click([lon, lat])}. bar: element of the mode bar; onArea(ring). */
export function areaDrawing(map, bar, onArea) {
  let corners = null;

  function start() {
    corners = [];
    map.doubleClickZoom.disable();
    bar.open(AREA.title, AREA.hint, [[AREA.done, finish], [AREA.view, whole], [AREA.cancel, cancel]]);
  }

  function click(place) {
    corners.push(place);
    sketch(corners);
  }

  function sketch(ring) {
    const closed = ring.length > 2 ? [{ type: 'Polygon', coordinates: [[...ring, ring[0]]] }] : [];
    const line = ring.length > 1 ? [{ type: 'LineString', coordinates: ring.length > 2 ? [...ring, ring[0]] : ring }] : [];
    put(map, 'area', [...closed, ...line].map((geometry) => ({ type: 'Feature', geometry, properties: {} })));
    put(map, 'places', corners ? ring.map((place) => ({ type: 'Feature', geometry: { type: 'Point', coordinates: place }, properties: {} })) : []);
  }

  function finish() {
    if (corners.length < 3) return bar.say(AREA.more);
    return end(corners);
  }

  function whole() {
    const [west, south, east, north] = viewOf(map);
    end([[west, south], [east, south], [east, north], [west, north]]);
  }

  function cancel() {
    end(null);
  }

  function end(ring) {
    corners = null;
    bar.close();
    setTimeout(() => map.doubleClickZoom.enable(), 300);
    sketch(ring ?? []);
    onArea(ring);
  }

  return { start, busy: () => corners !== null, click, show: (ring) => { if (corners === null) sketch(ring ?? []); } };
}
