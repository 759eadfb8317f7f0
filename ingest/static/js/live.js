/** Hearing from the server when something changed, so that trips show as they come in; where that fails, the page goes on asking. */

const GATHER_MS = 1_000; // a burst of changes is one look

/** Listens to `v1/live`. onChange(): something changed; onState(whether the server is heard). */
export function hearChanges(onChange, onState) {
  const source = new EventSource('v1/live');
  let timer = null;
  const heard = () => { timer ??= setTimeout(() => { timer = null; onChange(); }, GATHER_MS); };
  source.addEventListener('open', () => onState(true));
  source.addEventListener('error', () => onState(false)); // it tries again by itself
  for (const name of ['defects', 'reset']) source.addEventListener(name, heard);
}
