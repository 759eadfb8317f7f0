/** The other languages, each in its own words. */

import { element } from './dom.js';
import { LANGUAGES, language, speak } from './language.js';

/** Fills `box` with a button for each language but the one that is spoken. */
export function languageSwitch(box) {
  box.replaceChildren(...Object.entries(LANGUAGES).filter(([name]) => name !== language).map(([name, words]) =>
    element('button', { type: 'button', class: 'link', lang: name, click: () => speak(name) }, words)));
}
