/** What can be said of many defects at once: those that are ticked in the list. */

import { choice, element } from './dom.js';
import { STATUS, TRIAGE } from './texts.js';

const AT_ONCE = 500; // as the server takes them
const KNOWN_AS = ['casting', 'hump', 'crossing', 'joint'];

/** Builds the bar into `box`. marks: see marks.js; doer: see deeds.js; shown(): features of the list; onTour(): go to the work list. */
export function bulkBar(box, { marks, doer, offers, who, shown, onTour }) {
  const all = element('button', { type: 'button', class: 'link', click: () => marks.add(shown().slice(0, AT_ONCE).map(({ properties }) => properties.id)) }, TRIAGE.tickAll);
  const number = element('strong', {});
  const set = (fields, words) => () => run(fields, words);
  const more = choice({ class: 'small', 'aria-label': TRIAGE.more, change: picked }, [['', TRIAGE.more], ['repaired', TRIAGE.become.repaired], ['reopened', TRIAGE.become.reopened], ['dismissed', TRIAGE.noDefect], ...(offers.changes.includes('as') ? KNOWN_AS.map((sort) => [sort, `${TRIAGE.dismissAs} ${TRIAGE.asset[sort]}`]) : []), ...(offers.changes.includes('assignee') ? [['me', TRIAGE.me(who.name)]] : [])]);
  const bar = element('div', { class: 'bulk-bar', hidden: true },
    element('p', {}, number, ' ', element('button', { type: 'button', class: 'link', click: marks.clear }, TRIAGE.tickNone)),
    element('div', { class: 'bulk-buttons' },
      button(TRIAGE.become.confirmed, set({ status: 'confirmed' }, STATUS.confirmed)),
      button(TRIAGE.become.scheduled, set({ status: 'scheduled' }, STATUS.scheduled)),
      offers.has('worklist') ? button(TRIAGE.tour, onTour) : null,
      more));
  box.append(all, bar);
  marks.on((n) => {
    bar.hidden = n === 0;
    number.textContent = TRIAGE.ticked(n);
  });

  function picked() {
    const { value } = more;
    more.value = '';
    if (value === 'me') run({ assignee: who.name }, TRIAGE.assigned(who.name));
    else if (KNOWN_AS.includes(value)) run({ status: 'dismissed', as: value }, STATUS.dismissed);
    else if (value) run({ status: value }, STATUS[value]);
  }

  async function run(fields, words) {
    if (await doer.many(marks.ids().slice(0, AT_ONCE), fields, words)) marks.clear();
  }
}

function button(words, click) {
  return element('button', { type: 'button', class: 'button plain small', click }, words);
}
