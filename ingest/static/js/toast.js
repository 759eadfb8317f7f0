/** What was just done, said for a while at the foot of the page, with a way back. */

import { element, iconButton } from './dom.js';
import { DETAIL, TRIAGE } from './texts.js';

const SHOWN_MS = 10_000; // what can be undone stays to be undone on the panel, too

/** Wires `box`. Returns say(words, undo or null): undo() takes it back. */
export function toasts(box) {
  let timer = null;
  const hide = () => box.replaceChildren();
  const wait = () => { clearTimeout(timer); timer = setTimeout(hide, SHOWN_MS); };
  for (const name of ['pointerenter', 'focusin']) box.addEventListener(name, () => clearTimeout(timer));
  for (const name of ['pointerleave', 'focusout']) box.addEventListener(name, wait);
  return function say(words, undo = null) {
    const back = undo && element('button', { type: 'button', class: 'link', click: () => { hide(); undo(); } }, TRIAGE.undo);
    box.replaceChildren(element('div', { class: 'toast' }, element('span', {}, words), back, iconButton(DETAIL.dismissMessage, 'M6 6l12 12M18 6 6 18', hide)));
    wait();
  };
}
