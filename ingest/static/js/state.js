/** How things stand, in plain words: the quiet line below the name, and a notice where there is nothing to see. */

import { element } from './dom.js';
import { STATE } from './texts.js';

/** Wires line and notice. Returns {fresh({defects, metres, complete, k}), silent(), refused(detail), broken()}. */
export function stateLine(line, notice) {
  let lastFresh = null;
  const say = (text, trouble) => {
    line.classList.toggle('trouble', trouble);
    if (line.textContent !== text) line.textContent = text; // a screen reader need not hear the same twice
  };
  const tell = (title, text) => {
    notice.hidden = title === null;
    if (title !== null) notice.replaceChildren(element('h2', {}, title), element('p', {}, text));
  };
  say(STATE.loading, false);
  return {
    fresh({ defects, metres, complete, k }) {
      lastFresh = new Date();
      say(complete ? STATE.line(defects, metres, lastFresh) : STATE.cut(defects), false);
      tell(defects > 0 || metres > 0 ? null : STATE.emptyTitle, STATE.empty(k));
    },
    silent() {
      say(STATE.silent(lastFresh), true);
      if (!lastFresh) tell(STATE.silentTitle, STATE.silentHelp);
    },
    refused(detail) {
      say(STATE.refused(detail), true);
    },
    broken() {
      say('', true);
      tell(STATE.noWebglTitle, STATE.noWebgl);
    },
  };
}
