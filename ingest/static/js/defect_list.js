/** The defects as a list beside the map: only the rows in sight exist, so a hundred thousand scroll as ten do. Arrow keys walk it. */

import { element } from './dom.js';
import { ROW_PX, listRow } from './list_row.js';
import { LIST } from './texts.js';

const SPARE = 6; // rows kept beyond each edge, so that a flick shows no gap
const PAGE_ROWS = 8;

/**
 * Builds the list into `box`. onOpen(feature): somebody wants to see one; marks: see marks.js, may be null where nobody may choose.
 * Returns {show(features), select(id or null), marksChanged(), features()}.
 */
export function defectList(box, { onOpen, marks }) {
  let features = [];
  let selected = null;
  let active = 0; // index of the row that the keyboard is on
  const rows = new Map(); // index → element
  const space = element('div', { class: 'list-space', role: 'presentation' });
  const grid = element('div', { class: 'list-rows', role: 'grid', 'aria-label': LIST.label, 'aria-rowcount': 0, scroll: draw, keydown: walk }, space);
  box.append(grid);
  new ResizeObserver(draw).observe(grid);

  function draw() {
    const first = Math.max(Math.floor(grid.scrollTop / ROW_PX) - SPARE, 0);
    const last = Math.min(Math.ceil((grid.scrollTop + grid.clientHeight) / ROW_PX) + SPARE, features.length);
    for (const [index, row] of rows) {
      if (index < first || index >= last) {
        if (row.contains(document.activeElement)) continue; // focus must not fall out of the page
        row.remove();
        rows.delete(index);
      }
    }
    for (let index = first; index < last; index += 1) if (!rows.has(index)) add(index);
  }

  function add(index) {
    const feature = features[index];
    const row = listRow(feature, { index, reachable: index === active, selected: feature.properties.id === selected, marks, onOpen: (opened) => { active = index; refocusable(); onOpen(opened); } });
    rows.set(index, row);
    space.append(row);
  }

  function rebuild() {
    const focused = grid.contains(document.activeElement) && document.activeElement.dataset.part;
    for (const row of rows.values()) row.remove();
    rows.clear();
    draw();
    if (focused) rows.get(active)?.querySelector(`[data-part=${focused}]`)?.focus({ preventScroll: true });
  }

  function refocusable() {
    for (const [index, row] of rows) for (const part of row.querySelectorAll('[data-part]')) part.tabIndex = index === active ? 0 : -1;
  }

  function walk(event) {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE_ROWS, PageUp: -PAGE_ROWS, Home: -Infinity, End: Infinity }[event.key];
    if (step === undefined || !features.length) return;
    event.preventDefault();
    const part = event.target.dataset.part ?? 'open';
    active = Math.min(Math.max(active + step, 0), features.length - 1);
    scrollTo(active);
    draw();
    refocusable();
    rows.get(active)?.querySelector(`[data-part=${part}]`)?.focus({ preventScroll: true });
  }

  function scrollTo(index) {
    const [top, bottom] = [index * ROW_PX, (index + 1) * ROW_PX];
    if (top < grid.scrollTop) grid.scrollTop = top;
    else if (bottom > grid.scrollTop + grid.clientHeight) grid.scrollTop = bottom - grid.clientHeight;
  }

  function show(now) {
    const kept = features[active]?.properties.id;
    features = now;
    const found = kept ? features.findIndex((feature) => feature.properties.id === kept) : -1;
    active = found >= 0 ? found : Math.min(active, Math.max(features.length - 1, 0));
    space.style.height = `${features.length * ROW_PX}px`;
    grid.setAttribute('aria-rowcount', features.length);
    rebuild();
  }

  function select(id) {
    if (id === selected) return;
    selected = id;
    const index = id === null ? -1 : features.findIndex((feature) => feature.properties.id === id);
    if (index >= 0) {
      active = index;
      scrollTo(index);
    }
    rebuild();
  }

  return { show, select, marksChanged: rebuild, features: () => features };
}
