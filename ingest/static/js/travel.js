/** Moving the map to a defect, beside the cards that lie on it. */

const RADIUS_PX = 24; // as large as the circle of the position's radius is made when the map goes near
export const METRES_PER_PIXEL = 78_271.5; // at the equator at zoom 0, with MapLibre's tiles of 512 pixels

/** Whether a feature is seen beside the cards now. */
export function inSight(map, { geometry }) {
  const { x, y } = map.project(geometry.coordinates);
  const { clientWidth, clientHeight } = map.getContainer();
  const { left, right, bottom } = room(map);
  return x > left && x < clientWidth - right && y > 80 && y < clientHeight - bottom;
}

/** Zoom at which the radius is a circle one can see, without losing sight of the street. */
export function closeUp({ geometry, properties }) {
  const ground = METRES_PER_PIXEL * Math.cos((geometry.coordinates[1] * Math.PI) / 180);
  return Math.min(Math.max(Math.log2((ground * RADIUS_PX) / properties.radius), 18), 19);
}

/** Flies (or, for who wants less motion, jumps) to a feature. */
export function go(map, { geometry }, zoom) {
  map.flyTo({ center: geometry.coordinates, zoom, padding: { top: 0, ...room(map) }, maxDuration: 1600 });
}

/** Pixels that the cards take from the map's sides. */
function room(map) {
  const { clientWidth, clientHeight } = map.getContainer();
  if (clientWidth < 720) return { left: 0, right: 0, bottom: clientHeight * 0.5 };
  return { left: clientWidth < 1100 ? 0 : 360, right: 420, bottom: 0 }; // as css/layout.css and css/list.css have it
}
