/** The column beside the map, on a phone a sheet from below: search, filters, list, and what crews do with many. */

import { choice, element, stepButtons } from './dom.js';
import { count } from './format.js';
import { writeAddress } from './address.js';
import { LIST, TOUR } from './texts.js';

const HEIGHTS = ['peek', 'half', 'full']; // of the sheet

/** Wires the tabs and the sheet. onSort(name), onStep(±1). Returns {tab(name), sorts(names), sort(name), told(shown, held), raise(), tabs(): offer the second tab}. */
export function side({ box, head, foot, panes }, { tab, onSort, onStep, onTab }) {
  const number = element('p', { class: 'quiet', role: 'status', id: 'shown' });
  const sorts = choice({ id: 'sort', class: 'small', 'aria-label': LIST.sort, change: () => onSort(sorts.value) }, []);
  const buttons = new Map(Object.keys(panes).map((name) => [name, element('button', { type: 'button', role: 'tab', id: `tab-${name}`, 'aria-controls': panes[name].id, click: () => choose(name) }, name === 'list' ? LIST.title : TOUR.title)]));
  const tabs = element('div', { class: 'tabs', role: 'tablist', 'aria-label': LIST.tabs, hidden: true, keydown: walk }, [...buttons.values()]);
  head.prepend(handle(), tabs);
  foot.append(number, sorts, ...stepButtons(LIST, onStep));
  sheet(innerWidth < 720 ? 'peek' : 'full');

  function choose(name) {
    for (const [each, pane] of Object.entries(panes)) {
      pane.hidden = each !== name;
      buttons.get(each).setAttribute('aria-selected', String(each === name));
      buttons.get(each).tabIndex = each === name ? 0 : -1;
    }
    writeAddress({ tab: name });
    onTab(name);
  }

  function walk({ key }) {
    if (key !== 'ArrowLeft' && key !== 'ArrowRight') return;
    const other = [...buttons].find(([, button]) => button.getAttribute('aria-selected') === 'false');
    choose(other[0]);
    other[1].focus();
  }

  function handle() {
    return element('button', { type: 'button', class: 'handle', 'aria-label': LIST.enlarge, click: () => sheet(HEIGHTS[(HEIGHTS.indexOf(box.dataset.sheet) + 1) % 3]) });
  }

  function sheet(height) {
    box.dataset.sheet = height;
  }

  box.addEventListener('focusin', ({ target }) => { if (box.dataset.sheet === 'peek' && !target.closest('.handle')) sheet('half'); });
  box.addEventListener('click', ({ target }) => { if (box.dataset.sheet === 'peek' && target.closest('input, summary')) sheet('half'); });
  choose(tab);
  return {
    tab: choose,
    lower: () => { if (innerWidth < 720) sheet('peek'); },
    tabs: () => { tabs.hidden = false; },
    sorts: (names, now) => { sorts.replaceChildren(...names.map((name) => element('option', { value: name, selected: name === now }, LIST.by[name]))); },
    sort: (name) => { sorts.value = name; },
    told: (shown, held) => { number.textContent = LIST.shown(shown, held, count); },
  };
}
