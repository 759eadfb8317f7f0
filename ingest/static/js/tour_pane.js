/** The work list: what to drive to, from where, with how many crews; then the tour on the map, on paper and for a navigator. */

import { worklist } from './api.js';
import { element } from './dom.js';
import { NoAnswer, Refused } from './http.js';
import { put } from './map_data.js';
import { fitGrowing } from './map_view.js';
import { boundsOf } from './geometry.js';
import { numberStops } from './more_layers.js';
import { placePicker } from './place_picker.js';
import { tourResult } from './tour_result.js';
import { TOUR } from './texts.js';
import { theme } from './theme.js';

const MOST_STOPS = 200; // as the server takes them

/** Builds the pane. Returns {planned(): the tour or null, waits(): whether a click on the map is wanted, click([lon, lat])}. */
export function tourPane(map, part, { bench, bar, offers, say, onSteered }) {
  const { marks, sheet } = bench;
  let tour = null;
  let query = null;
  const start = placePicker(map, bar, { id: 'tour-start', words: TOUR.start, hint: TOUR.startHint, lower: sheet.lower });
  const depot = placePicker(map, bar, { id: 'tour-depot', words: TOUR.depot, hint: TOUR.depotHint, lower: sheet.lower, optional: true });
  const number = (id, words, value, min, max, step = 1) => [element('label', { for: id }, words), element('input', { type: 'number', id, value, min, max, step, required: true })];
  const which = element('p', { class: 'quiet', role: 'status' });
  const form = element('form', { class: 'tour-form', submit: plan },
    which,
    element('div', { class: 'pairs' }, number('tour-stops', TOUR.stops, 10, 1, MOST_STOPS), number('tour-crews', TOUR.crews, 1, 1, 20), number('tour-hours', TOUR.hours, 7, 0.5, 24, 0.5), number('tour-minutes', TOUR.minutes, 15, 0, 480, 5)),
    start.node, depot.node,
    element('button', { class: 'button', id: 'plan' }, TOUR.plan));
  const words = element('p', { class: 'quiet', role: 'status' });
  const result = element('div', { class: 'tour-result' });
  part('tour').append(form, words, result);
  sheet.tabs();
  bench.onTab((name) => show(name === 'tour'));
  marks.on(told);
  told();

  function told() {
    const chosen = marks.ids().length;
    which.textContent = chosen ? TOUR.chosen(chosen) : TOUR.worthwhile;
    form.querySelector('#tour-stops').disabled = chosen > 0;
  }

  async function plan(event) {
    event.preventDefault();
    const [longitude, latitude] = start.place();
    const value = (id) => form.querySelector(`#tour-${id}`).value;
    const ids = marks.ids().slice(0, MOST_STOPS);
    const ends = depot.chosen();
    query = { start: `${latitude.toFixed(6)},${longitude.toFixed(6)}`, stops: value('stops'), crews: value('crews'), hours: value('hours'), minutes: value('minutes'), ...(ids.length && { ids: ids.join(',') }), ...(ends && { depot: `${ends[1].toFixed(6)},${ends[0].toFixed(6)}` }) };
    words.textContent = TOUR.planning;
    try {
      tour = await worklist(query);
      words.textContent = '';
      result.replaceChildren(...tourResult(tour, { gpx: offers.has('worklistGpx') ? `v1/worklist.gpx?${new URLSearchParams(query)}` : null, onOpen: bench.open }));
      onSteered();
      show(true);
      const box = boundsOf(tour.features);
      if (box) fitGrowing(map, box);
      result.querySelector('h3')?.focus({ preventScroll: true });
    } catch (error) {
      if (!(error instanceof NoAnswer || error instanceof Refused)) throw error;
      words.textContent = error instanceof NoAnswer ? TOUR.silent : TOUR.refused(error.message);
      say(words.textContent);
    }
  }

  /** The tour lies on the map while its pane is open. */
  function show(wanted) {
    if (tour) numberStops(map, theme(), Math.max(...tour.crews.map(({ stops }) => stops.length), 0));
    put(map, 'tour', wanted && tour ? tour.features : []);
  }

  return {
    planned: () => (tour && !part('tour').hidden ? tour : null),
    waits: () => start.waits() || depot.waits(),
    click: (place) => (start.waits() ? start : depot).click(place),
  };
}
