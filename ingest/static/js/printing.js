/** The print sheet: the map as it is seen, and below it the tour or the list as a table. Made when somebody prints, and then thrown away. */

import { element } from './dom.js';
import { count, decimal, kilometres, share } from './format.js';
import { stopsOf } from './tour_result.js';
import { DETAIL, KIND, LIST, PRINT, STATUS, TOUR } from './texts.js';

const MOST_ROWS = 200; // four sheets; who wants more exports a file

/** Wires `sheet`. tour(): the planned tour or null; shown: see shown.js. */
export function printing(sheet, map, { shown, tour }) {
  window.addEventListener('beforeprint', () => {
    const planned = tour();
    sheet.replaceChildren(element('h1', {}, planned ? TOUR.title : LIST.title), element('p', {}, PRINT.made(new Date())), picture(map), ...(planned ? tourTables(planned) : [listTable(shown.features())]));
  });
  window.addEventListener('afterprint', () => sheet.replaceChildren());
}

/** The map's canvas is empty between two frames: it is drawn once more and copied at once. */
function picture(map) {
  map.redraw();
  return element('img', { src: map.getCanvas().toDataURL('image/jpeg', 0.85), alt: PRINT.map });
}

function tourTables(tour) {
  const stops = stopsOf(tour);
  return tour.crews.flatMap((crew) => [
    element('h2', {}, TOUR.crew(crew.crew, tour.crews.length), ' · ', TOUR.sum(crew.stops.length, kilometres(crew.distance), TOUR.lasts(crew.duration))),
    table([TOUR.order, ...columns(), TOUR.arrival, PRINT.done], stops.filter(({ properties }) => properties.crew === crew.crew).map((stop) => [stop.properties.order, ...cells(stop), TOUR.lasts(stop.properties.arrive), '☐'])),
  ]);
}

function listTable(features) {
  const rows = features.slice(0, MOST_ROWS).map((feature, i) => [i + 1, ...cells(feature), Number.isFinite(feature.properties.priority) ? decimal(feature.properties.priority) : '', '☐']);
  return element('div', {}, table(['', ...columns(), DETAIL.priority, PRINT.done], rows), features.length > rows.length ? element('p', {}, PRINT.cut(count(features.length - rows.length))) : null);
}

function columns() {
  return [PRINT.kind, DETAIL.severity, DETAIL.confidence, DETAIL.status, DETAIL.place, DETAIL.direction, DETAIL.id];
}

function cells({ geometry: { coordinates: [longitude, latitude] }, properties }) {
  const { kind, severity, confidence, status, heading, id } = properties;
  return [KIND[kind] ?? kind, decimal(severity), share(confidence), STATUS[status] ?? status, `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`, heading === null || heading === undefined ? '' : DETAIL.heading(heading), id];
}

function table(heads, rows) {
  return element('table', {}, element('thead', {}, element('tr', {}, heads.map((head) => element('th', { scope: 'col' }, head)))), element('tbody', {}, rows.map((row) => element('tr', {}, row.map((cell) => element('td', {}, cell))))));
}
