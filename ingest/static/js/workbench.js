/** The column beside the map put together: search, filters, order, list. */

import { defectList } from './defect_list.js';
import { filterForm } from './filter_form.js';
import { markedDefects } from './marks.js';
import { readAddress } from './address.js';
import { searchField } from './search.js';
import { side } from './side.js';

/**
 * part(id): an element of the page. shown: see shown.js. onOpen(feature), onStep(±1), onPlace([lon, lat]), onSearched(text),
 * onSort(): another order is wanted of the server.
 * Returns {show(features, held), select(id), follow(tab), open(id), tickable(), onWhere({draw, street, filtered}), onTab(callback), filters, marks, sheet}.
 */
export function workbench(part, { shown, onOpen, onStep, onPlace, onSearched, onSort }) {
  const marks = markedDefects();
  const where = { draw() {}, street() {}, filtered() {} };
  let onTab = () => {};
  const sheet = side({ box: part('side'), head: part('side-head'), foot: part('list-head'), panes: { list: part('list'), tour: part('tour') } }, { tab: readAddress().tab, onSort: (name) => { shown.setSort(name); onSort(); }, onStep, onTab: (name) => onTab(name) });
  const filters = filterForm(part('legend'), { onFilter: (parts) => { shown.change(parts); filters.set(shown.filter()); if ('area' in parts) where.filtered(); }, onDraw: () => where.draw(), onStreet: () => where.street() });
  const search = searchField(part('search-box'), { onText: (text) => shown.change({ text }), onPlace, onEnter: onSearched });
  let list = defectList(part('rows'), { onOpen, marks: null });
  sheet.sorts(['priority', 'severity', 'age'], shown.sort());
  told();

  function told() {
    filters.set(shown.filter());
    search.set(shown.filter().text);
    sheet.sort(shown.sort());
  }

  return {
    filters, marks, sheet,
    open: (id) => onOpen({ properties: { id } }),
    onWhere: (callbacks) => Object.assign(where, callbacks),
    onTab: (callback) => { onTab = callback; callback(readAddress().tab); },
    show(features, held) {
      list.show(features);
      filters.counts(held);
      sheet.told(features.length, held.length);
    },
    select: (id) => list.select(id),
    follow(tab) {
      told();
      sheet.tab(tab);
    },
    /** Rows get boxes to tick. */
    tickable() {
      part('rows').replaceChildren();
      list = defectList(part('rows'), { onOpen, marks });
      list.show(shown.features());
      marks.on(() => list.marksChanged());
    },
  };
}
