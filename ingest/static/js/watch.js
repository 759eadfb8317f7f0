/** What the page holds of the server's data, kept fresh: all there is or, where that is too much, the neighbourhood of the view. */

import { defects, tracks, WORLD } from './api.js';
import { grown, within } from './geometry.js';
import { poll } from './poll.js';

const DEFECTS_EVERY_MS = 4_000;
const TRACKS_EVERY_MS = 12_000; // streets change slowly and are the larger answer
const MARGIN = 0.5; // of the view, on each side, fetched ahead of a small move

/**
 * Starts watching. view(): the box seen now. onDefects, onTracks: called with an answer (see api.js) that differs from
 * the one before; onLooked({defects, tracks}) after every answer, once both are there; onTrouble(error).
 * Returns {features(): the defects held, moved(): to be called when the view has changed}.
 */
export function watch({ view, onDefects, onTracks, onLooked, onTrouble }) {
  const held = { defects: null, tracks: null };
  let area = WORLD;
  const polls = [
    poll((signal) => refresh('defects', defects, onDefects, signal), DEFECTS_EVERY_MS, onTrouble),
    poll((signal) => refresh('tracks', tracks, onTracks, signal), TRACKS_EVERY_MS, onTrouble),
  ];

  async function refresh(name, ask, onFresh, signal) {
    const got = await ask(area, held[name], signal);
    const fresh = got !== held[name];
    held[name] = got;
    if (fresh) onFresh(got);
    if (held.defects && held.tracks) onLooked(held);
    if (!got.complete) moved();
  }

  function moved() {
    const box = view();
    const all = held.defects?.complete !== false && held.tracks?.complete !== false;
    if (area === WORLD ? all : within(box, area)) return;
    area = grown(box, MARGIN);
    for (const each of polls) each.now();
  }

  return { features: () => held.defects?.features ?? [], moved };
}
