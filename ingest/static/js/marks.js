/** The defects somebody has ticked in the list, for a change of many or for a tour. */

/** Returns {has(id), set(id, is), add(ids), clear(), ids(), on(listener)}; listeners are called after each change. */
export function markedDefects() {
  const marked = new Set();
  const listeners = [];
  const told = () => { for (const listener of listeners) listener(marked.size); };
  return {
    has: (id) => marked.has(id),
    ids: () => [...marked],
    on: (listener) => listeners.push(listener),
    set(id, is) {
      marked[is ? 'add' : 'delete'](id);
      told();
    },
    add(ids) {
      for (const id of ids) marked.add(id);
      told();
    },
    clear() {
      marked.clear();
      told();
    },
  };
}
