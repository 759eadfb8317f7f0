/** The tour in words: each crew's stops in order, and ways to take it along. */

import { element } from './dom.js';
import { kilometres } from './format.js';
import { KIND, STATUS, TOUR } from './texts.js';

/** Nodes of the server's answer. gpx: address of the same as GPX, or null; onOpen(id): somebody wants to see a stop. */
export function tourResult(tour, { gpx, onOpen }) {
  const stops = stopsOf(tour);
  const geojson = URL.createObjectURL(new Blob([JSON.stringify(tour)], { type: 'application/geo+json' }));
  return [
    element('div', { class: 'tour-buttons' },
      element('button', { type: 'button', class: 'button plain small', click: () => window.print() }, TOUR.print),
      gpx ? element('a', { class: 'button plain small', href: gpx, download: 'worklist.gpx' }, 'GPX') : null,
      element('a', { class: 'button plain small', href: geojson, download: 'worklist.geojson' }, 'GeoJSON')),
    ...tour.crews.filter(({ stops: of }) => of.length > 0).map((crew) => element('section', { class: 'crew' },
      element('h3', { tabindex: -1 }, element('i', { class: `crew-colour crew-${crew.crew % 6}` }), TOUR.crew(crew.crew, tour.crews.length)),
      element('p', { class: 'quiet' }, TOUR.sum(crew.stops.length, kilometres(crew.distance), TOUR.lasts(crew.duration))),
      element('ol', {}, stops.filter(({ properties }) => properties.crew === crew.crew).map((stop) => row(stop, onOpen))))),
    tour.left_out?.length ? element('p', { class: 'note' }, TOUR.leftOut(tour.left_out.length)) : null,
  ].filter(Boolean);
}

/** The stops of a tour, in driving order. */
export function stopsOf(tour) {
  return tour.features.filter(({ geometry }) => geometry.type === 'Point').sort((a, b) => a.properties.crew - b.properties.crew || a.properties.order - b.properties.order);
}

function row({ properties }, onOpen) {
  return element('li', {},
    element('button', { type: 'button', class: 'stop', click: () => onOpen(properties.id) },
      element('strong', {}, KIND[properties.kind] ?? KIND.unknown),
      element('span', { class: 'quiet' }, [STATUS[properties.status] ?? properties.status, TOUR.arrive(TOUR.lasts(properties.arrive)), TOUR.leg(kilometres(properties.leg))].join(' · '))));
}
