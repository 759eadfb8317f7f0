/** The photos of a defect, for its users: small ones side by side, large one at a time; crews add and delete them. */

import * as api from './api.js';
import { element, icon } from './dom.js';
import { moment } from './format.js';
import { NoAnswer, Refused } from './http.js';
import { photoView } from './photo_view.js';
import { mayChange } from './session.js';
import { shrunk } from './shrink.js';
import { PHOTO } from './texts.js';

const CAMERA = 'M4 8h3l2-3h6l2 3h3v11H4ZM15 13a3 3 0 1 1-6 0 3 3 0 0 1 6 0Z';

/** Returns photos(feature): the node for the panel, null where there is nothing to see or do. offers, who, say: see their modules. */
export function photoSlot({ offers, who, say }) {
  const may = offers.has('photo') && mayChange(who);
  const view = photoView(may ? { remove, removed } : null);
  let kept = { id: null };

  return function photos({ photos: list, properties: { id } }) {
    if (!list || !(list.length || may)) return null;
    if (kept.id !== id) {
      view.close();
      kept = slot(id);
    }
    show(kept, list);
    return kept.node;
  };

  /** The nodes of one defect; they stay the same from one refresh to the next, so that what is being sent is still told. */
  function slot(id) {
    const mine = { id, list: null, shown: element('ul', { class: 'photos' }), words: element('p', { class: 'quiet', role: 'status' }) };
    const field = element('input', { type: 'file', accept: 'image/*', hidden: true, change: () => { if (field.files.length) send(mine, field.files[0]); field.value = ''; } });
    mine.button = may && element('button', { type: 'button', class: 'button plain small with-icon', click: () => field.click() }, icon(CAMERA, 18), PHOTO.add);
    mine.node = element('section', { class: 'photo-slot' },
      element('h3', {}, PHOTO.title),
      mine.shown,
      may ? element('div', { class: 'photo-add' }, mine.button, field, mine.words) : null);
    mine.words.textContent = PHOTO.hint;
    return mine;
  }

  function show(mine, list) {
    if (JSON.stringify(mine.list) === JSON.stringify(list)) return;
    mine.list = list;
    mine.shown.replaceChildren(...list.map((photo, i) => element('li', {},
      element('button', { type: 'button', class: 'photo', click: () => view.show(mine.id, mine.list, i) },
        element('img', { src: api.photoAt(mine.id, photo.id, 'small'), alt: PHOTO.one(photo.by, moment(photo.time)), width: 84, height: 84 })))));
  }

  async function send(mine, file) {
    mine.button.disabled = true;
    mine.words.classList.remove('conflict');
    mine.words.replaceChildren(element('progress', { 'aria-label': PHOTO.sending }), PHOTO.sending);
    try {
      const photo = await api.addPhoto(mine.id, await shrunk(file));
      const known = mine.list.some(({ id }) => id === photo.id);
      if (!known) show(mine, [...mine.list, photo]);
      mine.words.textContent = PHOTO.hint;
      say(known ? PHOTO.known : PHOTO.added);
    } catch (error) {
      mine.words.textContent = wordsFor(error, PHOTO.notSent);
      mine.words.classList.add('conflict');
    }
    mine.button.disabled = false;
  }

  /** Resolves to words where it did not work. */
  async function remove(id, photo) {
    try {
      await api.deletePhoto(id, photo);
    } catch (error) {
      if (error.status !== 404) return wordsFor(error, PHOTO.notDeleted); // somebody else was faster: gone is gone
    }
    return null;
  }

  function removed(id, photo) {
    if (kept.id === id) {
      show(kept, kept.list.filter((one) => one.id !== photo));
      kept.button.focus({ preventScroll: true }); // what had it is gone
    }
    say(PHOTO.deleted);
  }
}

function wordsFor(error, told) {
  if (error instanceof NoAnswer) return told(PHOTO.silent);
  if (error instanceof Refused) return told(error.message || PHOTO.noReason);
  throw error;
}
