/** The bar that says what a click on the map means just now, and how to finish or leave it. One at a time. */

import { element } from './dom.js';

/** Wires `bar`. Returns {open(title, hint, [[words, action], …]), say(hint), close(), isOpen()}; the last action is also Escape's. */
export function modeBar(bar) {
  let leave = null;
  let returnTo = null;
  const hint = element('span', { class: 'quiet' });

  function open(title, words, actions) {
    leave?.();
    returnTo = document.activeElement;
    hint.textContent = words;
    bar.replaceChildren(element('p', { role: 'status' }, element('strong', {}, title), ' ', hint),
      element('div', { class: 'mode-buttons' }, actions.map(([name, action], i) => element('button', { type: 'button', class: i === 0 ? 'button small' : 'button plain small', click: action }, name))));
    leave = actions.at(-1)[1];
    bar.hidden = false;
    document.body.classList.add('has-mode');
    bar.querySelector('button').focus({ preventScroll: true });
  }

  function close() {
    leave = null;
    bar.hidden = true;
    document.body.classList.remove('has-mode');
    if (returnTo?.isConnected) returnTo.focus({ preventScroll: true });
  }

  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || leave === null) return;
    event.stopImmediatePropagation(); // Escape ends the mode, not the panel
    leave();
  }, true);
  return { open, say: (words) => { hint.textContent = words; }, close, isOpen: () => leave !== null };
}
