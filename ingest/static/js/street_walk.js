/** The street at a place: the piece of street nearest to it and what goes on straight from its ends. Pure. Positions are [longitude, latitude]. */

import { apart, bearingOf, metresFrom } from './geometry.js';

export const BESIDE_M = 15; // of a street's middle line lies what is on it: lanes, and the error of places
const NEAR_M = 60; // further from any street no street is meant
const JOIN_M = 12; // between the end of one piece and the begin of the next: lines are drawn from nodes some 10 m apart
const STRAIGHT_DEG = 35; // who turns more has left the street
const LOOK_M = 25; // back from an end: its last metres tell of the corner, not of the street
const MOST_M = 5_000;
const FLAT_M = 4; // corners that move the line less are left out: it goes into the address, and is drawn wide

/** The line of the street of `pieces` (GeoJSON lines) at a place, or null where there is none. */
export function streetAt(pieces, place) {
  const lines = pieces.map(({ geometry }) => geometry.coordinates).filter((line) => line.length > 1);
  const first = nearest(lines, place);
  if (!first) return null;
  const free = new Set(lines);
  free.delete(first);
  const ahead = onwards(first, free, MOST_M / 2);
  const whole = onwards([...ahead].reverse(), free, MOST_M - metresOf(ahead));
  return flat(whole);
}

function nearest(lines, place) {
  let [found, least] = [null, NEAR_M];
  for (const line of lines) {
    const metres = metresFrom(line, place);
    if (metres < least) [found, least] = [line, metres];
  }
  return found;
}

/** The line and what goes on from its end, of the free ones, which are used up. */
function onwards(line, free, most) {
  let [whole, metres] = [line, 0];
  while (metres < most) {
    const next = straightest(whole, free);
    if (!next) break;
    free.delete(next.piece);
    const end = whole.at(-1);
    whole = [...whole, ...next.line.filter((corner, i) => apart(end, corner) > JOIN_M || i === next.line.length - 1)]; // lines meet in zigzags
    metres += metresOf(next.line);
  }
  return whole;
}

function straightest(line, free) {
  const end = line.at(-1);
  const heading = bearingOf(before(line), end);
  let [found, least] = [null, STRAIGHT_DEG];
  for (const piece of free) {
    for (const way of [piece, [...piece].reverse()]) {
      if (apart(end, way[0]) > JOIN_M) continue;
      const turn = Math.abs(((bearingOf(way[0], before([...way].reverse())) - heading + 540) % 360) - 180);
      if (turn < least) [found, least] = [{ piece, line: way }, turn];
    }
  }
  return found;
}

/** The corner some metres before the end of a line. */
function before(line) {
  let at = line.length - 2;
  while (at > 0 && apart(line[at], line.at(-1)) < LOOK_M) at -= 1;
  return line[at];
}

function metresOf(line) {
  return line.slice(1).reduce((sum, corner, i) => sum + apart(line[i], corner), 0);
}

/** Without the corners that hardly move the line (Douglas & Peucker, Cartographica 10, 1973). */
function flat(line) {
  const chord = [line[0], line.at(-1)];
  const away = line.map((corner) => metresFrom(chord, corner));
  const far = away.indexOf(Math.max(...away));
  if (line.length < 3 || away[far] <= FLAT_M) return chord;
  return [...flat(line.slice(0, far + 1)).slice(0, -1), ...flat(line.slice(far))];
}
