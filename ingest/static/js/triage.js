/**
 * What a crew says about a defect: buttons for the statuses that may follow, a note, and the trail of what was said before.
 *
 * Only who may change a defect is told what may follow (`next`); everyone else sees the trail alone.
 */

import { NoAnswer, setStatus } from './api.js';
import { element } from './dom.js';
import { day, time } from './format.js';
import { STATUS, TRIAGE } from './texts.js';

const LONGEST_NOTE = 2000; // as the server takes it

/**
 * Returns section(feature): the nodes for the panel. onSaved(feature): the defect as the server tells it after a change;
 * onStale(): somebody else changed it, so it should be loaded again.
 */
export function triage({ onSaved, onStale }) {
  let kept = { id: null };

  function section(feature) {
    const { id } = feature.properties;
    if (kept.id !== id) kept = { id, note: noteField(), words: element('p', { class: 'quiet', role: 'status' }) };
    return [feature.next ? form(feature) : null, trail(feature)];
  }

  /** The note's field is the same node from one data refresh to the next, so that what is being written stays. */
  function form(feature) {
    const button = (status, words) => element('button', { type: 'button', class: 'button plain', 'data-status': status, click: () => save(feature, status) }, words);
    return element('section', { class: 'triage' },
      element('h3', {}, TRIAGE.title),
      kept.note,
      element('div', { class: 'triage-buttons' }, feature.next.map((status) => button(status, TRIAGE.become[status] ?? status)), button(null, TRIAGE.noteOnly)),
      kept.words);
  }

  async function save(feature, status) {
    const mine = kept;
    const note = mine.note.value.trim();
    if (status === null && !note) return mine.note.focus();
    try {
      const now = await setStatus(mine.id, { ...(status && { status }), ...(note && { note }), version: feature.version });
      mine.note.value = '';
      mine.words.textContent = TRIAGE.saved;
      if (kept === mine) onSaved(now);
    } catch (error) {
      mine.words.textContent = error instanceof NoAnswer ? TRIAGE.silent : TRIAGE.refused(error.message);
      if (error.status === 409 && kept === mine) onStale();
    }
    return null;
  }

  return section;
}

function noteField() {
  return element('textarea', { rows: 2, maxlength: LONGEST_NOTE, 'aria-label': TRIAGE.note, placeholder: TRIAGE.note });
}

function trail({ changes, repair }) {
  if (!changes?.length) return null;
  return element('section', { class: 'trail' },
    element('h3', {}, TRIAGE.trail),
    repair ? element('p', {}, TRIAGE.repair(repair)) : null,
    element('ol', {}, [...changes].reverse().map(entry)));
}

function entry({ time: at, by, before, status, note }) {
  const when = by === undefined ? day(at) : `${day(at)}, ${time(new Date(at))}`;
  const what = status === before ? null : element('strong', {}, STATUS[status] ?? status);
  return element('li', {},
    element('p', { class: 'quiet' }, by === undefined ? when : TRIAGE.who(when, by)),
    what ? element('p', {}, what) : null,
    note ? element('p', { class: 'said' }, note) : null);
}
