/** What the page holds of the server's data, kept fresh: all there is or, where that is too much, the neighbourhood of the view. */

import { grown, sizeOf, within } from './geometry.js';
import { pages, WORLD } from './paging.js';
import { poll } from './poll.js';

const DEFECTS_EVERY_MS = 4_000;
const TRACKS_EVERY_MS = 12_000; // streets change slowly and are the larger answer
const LIVE_EVERY_MS = 15_000; // where the server says itself when a defect came or went: then for the counts alone
const LARGE_EVERY_MS = 20_000; // where thousands are held, asking is work for both sides
const NEARER = 0.5; // of what was asked for and had too much in it: then less is asked for, and told wholly
const SOON_MS = 300; // a slider is still moved
const MARGIN = 0.5; // of the view, on each side, fetched ahead of a small move

/**
 * Starts watching. view(): the box seen now. drawn: a promise, before which no more is asked for than something to begin with. words(): parameters for the defects, {all: always, cut: where not everything is
 * held, box: there the only one that matters, or null}. onDefects, onTracks: called with an answer (see paging.js) that differs from the one before, and whether the same was asked; onLooked({defects, tracks})
 * after every answer, once both are there; onTrouble(error).
 * Returns {features(): the defects held, whole(): whether they are all there are in what was asked for, moved(): to be called when the view has changed, now(): ask at once, sifted(): to be called when the filter has changed,
 * live(whether the server says itself when), held(): {defects, tracks} once both are there, stop()}.
 */
export function watch({ view, drawn, words, onDefects, onTracks, onLooked, onTrouble }) {
  const held = { defects: null, tracks: null };
  const questions = {}; // name → what was asked the last time
  let area = WORLD;
  let cutOff = false; // whether there were more defects in it than are held
  let soon = null;
  let live = false;
  const every = (usual) => () => (live ? LIVE_EVERY_MS : area === WORLD ? usual : Math.max(usual, LARGE_EVERY_MS));
  const polls = [
    poll((signal) => refresh('defects', onDefects, signal), every(DEFECTS_EVERY_MS), onTrouble),
    poll((signal) => refresh('tracks', onTracks, signal), every(TRACKS_EVERY_MS), onTrouble),
  ];

  /** [box, parameters] of what is asked for. */
  function wanted(name) {
    if (name !== 'defects') return [area, {}];
    const { all, cut, box } = words();
    return cutOff || area !== WORLD ? [box ?? area, { ...all, ...cut }] : [area, all];
  }

  async function refresh(name, onFresh, signal) {
    const [where, asked] = wanted(name);
    const question = JSON.stringify([where, asked]);
    const got = await pages(`v1/${name}`, where, asked, held[name], signal, (part) => (held[name] ? null : begin(name, part, onFresh)));
    const again = questions[name] === question;
    questions[name] = question;
    if (name === 'defects' && where === area) cutOff = got.complete === false;
    tell(name, got, onFresh, again);
    if (got.complete === false) moved();
  }

  /** Another filter: where not everything is held, what it lets through is asked for, once it stays as it is. */
  function sifted() {
    clearTimeout(soon);
    const other = () => held.defects && questions.defects && JSON.stringify(wanted('defects')) !== questions.defects;
    if (other()) soon = setTimeout(() => { if (other()) polls[0].now(); }, SOON_MS);
  }

  function begin(name, part, onFresh) {
    tell(name, part, onFresh, false);
    return drawn;
  }

  function tell(name, got, onFresh, again) {
    const fresh = got !== held[name];
    held[name] = got;
    if (fresh) onFresh(got, again);
    if (held.defects && held.tracks) onLooked(held);
  }

  function moved() {
    const box = view();
    const all = held.defects?.complete !== false && held.tracks?.complete !== false;
    const around = grown(box, MARGIN);
    const nearer = !all && sizeOf(around) < sizeOf(area) * NEARER;
    if (box === WORLD || (area === WORLD ? all : within(box, area) && !nearer)) return;
    area = around;
    now();
  }

  function now() {
    for (const each of polls) each.now();
  }

  return { features: () => held.defects?.features ?? [], held: () => (held.defects && held.tracks ? held : null), stop: () => polls.forEach((each) => each.stop()), whole: () => held.defects?.complete !== false, moved, now, sifted, live: (is) => { live = is; } };
}
