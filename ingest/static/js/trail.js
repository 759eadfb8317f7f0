/** What was said of a defect and by whom, newest first; and what the passes say of a repair. */

import { element } from './dom.js';
import { day, moment } from './format.js';
import { STATUS, TRIAGE } from './texts.js';

/** What the passes say: whether a repair holds, or that it seems mended though nobody said so; nothing where they say nothing. */
export function verdict({ repair }) {
  return repair ? element('p', { class: `verdict ${repair.verdict}` }, TRIAGE.repair(repair)) : null;
}

/** The section of a feature; nothing where nothing was said. */
export function trail({ changes }) {
  if (!changes?.length) return null;
  return element('section', { class: 'trail' },
    element('h3', {}, TRIAGE.trail),
    element('ol', {}, [...changes].reverse().map(entry)));
}

function entry({ time: at, by, what, before, status, note, told }) {
  const when = by === undefined ? day(at) : moment(at);
  const did = deed(what, before, status, told ?? {});
  return element('li', {},
    element('p', { class: 'quiet' }, by === undefined ? when : TRIAGE.who(when, by)),
    did ? element('p', {}, element('strong', {}, did)) : null,
    note ? element('p', { class: 'said' }, note) : null);
}

function deed(what, before, status, told) {
  const words = [
    status !== before ? STATUS[status] ?? status : null,
    what === 'undo' ? TRIAGE.tookBack : null,
    what === 'merge' ? TRIAGE.joined(told.merged ?? told.into ?? '') : null,
    what === 'split' ? TRIAGE.split1(told.split ?? told.from ?? '') : null,
    told.as ? TRIAGE.knownAs(told.as) : null,
    told.assignee ? TRIAGE.assigned(told.assignee) : null,
  ].filter(Boolean);
  return words.length ? words.join(', ') : null;
}
