/** What of the held defects is shown, in which order, and the filter that says so; kept in the address. */

import { readAddress, writeAddress } from './address.js';
import { asked, boxOf, passing } from './filter.js';
import { ordered } from './order.js';

/** onChange(shown, held): after new data, a new filter or order. who: see session.js. Returns {hold(features), filter(), change(parts), follow(), sort(), setSort(name), features(), words()}. */
export function shownDefects(who, onChange) {
  let { filter, sort } = readAddress();
  let held = [];
  let shown = [];

  function again() {
    shown = ordered(held.filter(passing(filter, who.name)), sort);
    onChange(shown, held);
  }

  return {
    features: () => shown,
    filter: () => filter,
    sort: () => sort,
    /** Parameters for the server: {all: always, cut: where it has more than is held, box: then the only one that matters, or null}. */
    words: () => ({ all: { sort: sort === 'equity' ? 'equity' : 'priority' }, cut: asked(filter), box: boxOf(filter) }),
    hold(features) {
      held = features;
      again();
    },
    change(parts) {
      filter = { ...filter, ...parts };
      writeAddress({ filter });
      again();
    },
    setSort(name) {
      sort = name;
      writeAddress({ sort });
      again();
    },
    follow() {
      ({ filter, sort } = readAddress());
      again();
    },
  };
}
