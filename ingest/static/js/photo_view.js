/** One photo, large, over the page: the ones before and after, and deleting it. */

import { photoAt } from './api.js';
import { element, iconButton, stepButtons } from './dom.js';
import { moment } from './format.js';
import { DETAIL, PHOTO } from './texts.js';

/**
 * may: null, or for who may delete {remove(defect, photo): resolves to words where it did not work, removed(defect, photo): after it}.
 * Returns {show(defect, photos, number), close()}.
 */
export function photoView(may) {
  let at = { defect: null, photos: [], number: 0 };
  const image = element('img', {});
  const title = element('h2', { id: 'photo-title' });
  const when = element('p', { class: 'quiet' });
  const steps = stepButtons({ previous: PHOTO.previous, next: PHOTO.next }, step);
  const foot = element('div', { class: 'photo-foot' });
  const words = element('p', { class: 'conflict', role: 'status' });
  const dialog = element('dialog', { class: 'card photo-view', 'aria-labelledby': 'photo-title', keydown, click: ({ target }) => { if (target === dialog) close(); } },
    element('header', {}, element('div', {}, title, when), ...steps, iconButton(DETAIL.close, 'M6 6l12 12M18 6 6 18', close)),
    element('a', { target: '_blank', rel: 'noopener', title: PHOTO.alone }, image),
    foot, words);
  document.body.append(dialog);

  function show(defect, photos, number) {
    at = { defect, photos, number };
    const { id, by, time, width, height } = photos[number];
    title.textContent = PHOTO.by(by);
    when.textContent = [moment(time), ...(photos.length > 1 ? [PHOTO.place(number + 1, photos.length)] : [])].join(' · ');
    for (const [name, value] of Object.entries({ width, height, alt: PHOTO.one(by, moment(time)), src: photoAt(defect, id) })) image.setAttribute(name, value);
    image.parentNode.href = image.src;
    for (const button of steps) button.hidden = photos.length < 2;
    words.textContent = '';
    ask(false);
    if (!dialog.open) dialog.showModal();
  }

  /** The foot: one press asks, the second deletes. There is no way back from it. */
  function ask(sure) {
    const button = (said, click, more = '') => element('button', { type: 'button', class: `button plain small ${more}`, click }, said);
    if (!may) foot.replaceChildren();
    else if (sure) foot.replaceChildren(element('p', {}, PHOTO.really), button(PHOTO.yes, gone, 'conflict'), button(PHOTO.no, () => ask(false)));
    else foot.replaceChildren(button(PHOTO.delete, () => { ask(true); foot.querySelector('button:last-child').focus(); }));
  }

  async function gone() {
    const { defect, photos, number } = at;
    const trouble = await may.remove(defect, photos[number].id);
    words.textContent = trouble ?? '';
    if (trouble) return ask(false);
    close();
    return may.removed(defect, photos[number].id);
  }

  function step(by) {
    show(at.defect, at.photos, (at.number + by + at.photos.length) % at.photos.length);
  }

  function keydown(event) {
    event.stopPropagation(); // Escape closes this, not the panel below
    if (at.photos.length > 1 && event.key === 'ArrowLeft') step(-1);
    if (at.photos.length > 1 && event.key === 'ArrowRight') step(1);
  }

  function close() {
    dialog.close();
  }

  return { show, close };
}
