/** Anyone tells of a defect: what it is, where on the map, a word about it. */

import { report } from './api.js';
import { element, icon } from './dom.js';
import { NoAnswer, Refused } from './http.js';
import { remember, tellMine } from './my_reports.js';
import { put } from './map_data.js';
import { symbolElement } from './symbols.js';
import { KIND, REPORT } from './texts.js';

const KINDS = ['pothole', 'rough', 'joint', 'speed_bump', 'unknown', 'other'];
const LONGEST_NOTE = 2000;

/** Adds the button and wires the dialog. Returns {waits(): whether a click on the map is the place, click([lon, lat])}. */
export function reportForm(map, part, { bar, say, onDefect }) {
  const dialog = part('report');
  let place = null;
  let waiting = false;
  const where = element('output', { class: 'place' });
  const note = element('textarea', { rows: 3, maxlength: LONGEST_NOTE, id: 'report-note' });
  const mine = element('div', { class: 'my-reports' });
  const words = element('p', { class: 'quiet', role: 'status' });
  const kinds = element('fieldset', { class: 'report-kinds' }, element('legend', {}, REPORT.what), KINDS.map((kind, i) => element('label', {}, element('input', { type: 'radio', name: 'kind', value: kind, checked: i === 0 }), symbolElement(kind), KIND[kind] ?? REPORT.kinds[kind])));
  const sent = element('button', { class: 'button' }, REPORT.send);
  part('map-buttons').prepend(element('button', { type: 'button', class: 'icon-button raised', id: 'report-button', 'aria-label': REPORT.title, title: REPORT.title, click: begin }, icon('M12 21s7-6.500 7-11.500a7 7 0 1 0-14 0C5 14.500 12 21 12 21ZM12 6.500v6M9 9.500h6')));
  dialog.append(element('form', { method: 'dialog', submit: send },
    element('h2', { id: 'report-title' }, REPORT.title), kinds,
    element('p', { class: 'report-place' }, REPORT.where, ' ', where, ' ', element('button', { type: 'button', class: 'link', click: () => { dialog.close(); begin(); } }, REPORT.again)),
    element('label', { for: 'report-note' }, REPORT.note), note,
    element('p', { class: 'quiet' }, REPORT.privacy), words,
    element('div', { class: 'mode-buttons' }, sent, element('button', { type: 'button', class: 'button plain', click: close }, REPORT.cancel)), mine));
  dialog.addEventListener('close', () => { if (!waiting) put(map, 'places', []); });

  function begin() {
    waiting = true;
    bar.open(REPORT.title, REPORT.tap, [[REPORT.useMiddle, () => { const { lng, lat } = map.getCenter(); click([lng, lat]); }], [REPORT.useHere, here], [REPORT.cancel, () => { waiting = false; bar.close(); }]]);
  }

  function here() {
    bar.say(REPORT.finding);
    navigator.geolocation.getCurrentPosition(({ coords }) => { map.jumpTo({ center: [coords.longitude, coords.latitude], zoom: 18 }); click([coords.longitude, coords.latitude]); }, () => bar.say(REPORT.notFound), { enableHighAccuracy: true, timeout: 15_000 });
  }

  function click(clicked) {
    waiting = false;
    place = clicked;
    bar.close();
    put(map, 'places', [{ type: 'Feature', geometry: { type: 'Point', coordinates: place }, properties: {} }]);
    where.textContent = `${place[1].toFixed(5)}, ${place[0].toFixed(5)}`;
    words.textContent = '';
    tellMine(mine, (id) => { close(); onDefect(id); });
    dialog.showModal();
  }

  async function send(event) {
    event.preventDefault();
    sent.disabled = true;
    try {
      const told = await report({ kind: kinds.querySelector(':checked').value, place: { latitude: place[1], longitude: place[0] }, note: note.value.trim() });
      note.value = '';
      close();
      remember(told);
      say(told.defect_id ? REPORT.known : REPORT.thanks);
    } catch (error) {
      if (!(error instanceof NoAnswer || error instanceof Refused)) throw error;
      words.textContent = error instanceof NoAnswer ? REPORT.silent : REPORT.refused(error.message);
    } finally {
      sent.disabled = false;
    }
  }

  function close() {
    dialog.close();
  }

  return { waits: () => waiting, click };
}
