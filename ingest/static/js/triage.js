/**
 * What a crew says about a defect: a button for each status that may follow, whose work it is, a note, and rarer things below.
 *
 * Only who may change a defect is told what may follow (`next`); everyone else sees the trail alone.
 */

import { element } from './dom.js';
import { deeds } from './deeds.js';
import { mergeChoices, splitChoices } from './parting.js';
import { trail } from './trail.js';
import { STATUS, TRIAGE } from './texts.js';

const LONGEST_NOTE = 2000; // as the server takes it
const LONGEST_NAME = 64;
const KNOWN_AS = ['casting', 'hump', 'crossing', 'joint']; // the server's words; null: not a defect at all

/**
 * Returns crew(feature): {doing, said}, nodes for the panel. offers, who, say: see their modules. near(feature): other defects
 * around it; onMerging(callback or null): a click on the map is wanted; onSaved, onStale, onDone: as in deeds.js.
 */
export function triage({ offers, who, say, near, onMerging, onSaved, onStale, onDone }) {
  let kept = { id: null };
  const tell = (words) => { kept.words.textContent = words; };
  const saved = (feature) => { if (kept.id === feature.properties.id) kept.note.value = ''; kept.box.replaceChildren(); tell(TRIAGE.saved); onSaved(feature); };
  const doer = deeds({ say, offers, onSaved: saved, onStale, onConflict: conflict, onTrouble: tell, onDone });

  function crew(feature) {
    const { id } = feature.properties;
    if (kept.id !== id) {
      onMerging(null);
      kept = { id, note: noteField(), box: element('div', { class: 'triage-more' }), words: element('p', { class: 'quiet triage-words', role: 'status' }) };
    }
    return { doing: feature.next ? form(feature) : null, said: trail(feature) };
  }

  /** The note's field and what is open below are the same nodes from one data refresh to the next, so that what is being written stays. */
  function form(feature) {
    const asks = feature.next.includes('dismissed') && offers.changes.includes('as');
    return element('section', { class: 'triage' },
      element('h3', {}, TRIAGE.title),
      element('div', { class: 'triage-buttons' }, feature.next.map((status) => button(TRIAGE.become[status] ?? status, () => (status === 'dismissed' && asks ? open(dismissal(feature)) : set(feature, { status }, STATUS[status] ?? status)), { 'data-status': status }))),
      kept.box,
      kept.note,
      element('div', { class: 'triage-rarer' },
        button(TRIAGE.noteOnly, () => (kept.note.value.trim() ? set(feature, {}, TRIAGE.noted) : kept.note.focus())),
        offers.changes.includes('assignee') ? button(TRIAGE.assign, () => open(assignment(feature))) : null,
        offers.has('merge') ? button(TRIAGE.merge, () => open(mergeChoices(near(feature), (other) => { onMerging(null); doer.join(feature, other); }, onMerging))) : null,
        offers.has('split') ? button(TRIAGE.split, () => open(splitChoices((by) => doer.part(feature, by)))) : null,
        feature.undo && offers.has('undo') ? button(TRIAGE.undo, () => doer.back(feature.properties.id)) : null),
      kept.words);
  }

  function set(feature, fields, words) {
    const note = kept.note.value.trim();
    return doer.one(feature, { ...fields, ...(note && { note }) }, TRIAGE.done(words));
  }

  function open(node) {
    tell('');
    kept.box.replaceChildren(node);
    node.querySelector('button, input')?.focus({ preventScroll: true });
  }

  function dismissal(feature) {
    const as = (sort, words) => button(words, () => set(feature, { status: 'dismissed', ...(sort && { as: sort }) }, STATUS.dismissed), { 'data-as': sort ?? 'none' });
    return element('fieldset', {}, element('legend', {}, TRIAGE.dismissAs), element('div', { class: 'triage-buttons' }, as(null, TRIAGE.noDefect), KNOWN_AS.map((sort) => as(sort, TRIAGE.asset[sort]))));
  }

  function assignment(feature) {
    const field = element('input', { type: 'text', maxlength: LONGEST_NAME, 'aria-label': TRIAGE.assignee, placeholder: TRIAGE.assignee, autocomplete: 'off' });
    const give = (name) => set(feature, { assignee: name }, name ? TRIAGE.assigned(name) : TRIAGE.unassigned);
    return element('fieldset', {}, element('legend', {}, TRIAGE.assignTo),
      element('div', { class: 'triage-buttons' }, button(TRIAGE.me(who.name), () => give(who.name)), feature.assignee ? button(TRIAGE.nobody, () => give('')) : null),
      element('form', { class: 'inline', submit: (event) => { event.preventDefault(); give(field.value.trim()); } }, field, element('button', { class: 'button small' }, TRIAGE.give)));
  }

  /** Somebody else was faster: what they did, and both ways on. */
  function conflict(feature, changed, again) {
    if (kept.id !== feature.properties.id) return;
    open(element('div', { class: 'conflict', role: 'alert' },
      element('p', {}, TRIAGE.conflict(changed.by, STATUS[changed.status] ?? changed.status)),
      changed.note ? element('p', { class: 'said' }, changed.note) : null,
      element('div', { class: 'triage-buttons' },
        button(TRIAGE.again, () => again(Number(changed.version))),
        button(TRIAGE.leave, () => kept.box.replaceChildren()))));
  }

  return crew;
}

function button(words, click, attributes = {}) {
  return element('button', { type: 'button', class: 'button plain small', click, ...attributes }, words);
}

function noteField() {
  return element('textarea', { rows: 2, maxlength: LONGEST_NOTE, 'aria-label': TRIAGE.note, placeholder: TRIAGE.note });
}
