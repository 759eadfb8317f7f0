/** Which defects are shown: one rule for the list, the map and the print sheet, and how it is written in the address. Pure. */

import { boundsOf, inside, metresFrom, within } from './geometry.js';
import { KINDS, kindOf } from './kinds.js';
import { BESIDE_M } from './street_walk.js';

export const STATUSES = ['new', 'confirmed', 'scheduled', 'repaired', 'dismissed', 'reopened'];
const DAY_MS = 86_400_000;

/** Ages by name: last felt within so many days, or known for longer than so many. */
export const AGES = { last7: 7, last30: 30, last90: 90, old90: 90, old365: 365 };
export const ASSIGNED = ['nobody', 'somebody', 'me'];

/** The filter that hides nothing. kinds, statuses: names or null for all; least, severity: smallest shown; area: ring of [lon, lat] or null; street: line of them or null. */
export const EVERYTHING = Object.freeze({ kinds: null, statuses: null, least: 0, severity: 0, age: '', assigned: '', text: '', area: null, street: null });

/** A function that says of a feature whether it is shown. me: the name of who is signed in. */
export function passing(filter, me = null, now = Date.now()) {
  const tests = [
    filter.kinds && (({ properties }) => filter.kinds.includes(kindOf(properties.kind).name)),
    filter.statuses && (({ properties }) => filter.statuses.includes(properties.status)),
    filter.least > 0 && (({ properties }) => properties.confidence >= filter.least),
    filter.severity > 0 && (({ properties }) => properties.severity >= filter.severity),
    filter.age && aged(filter.age, now),
    filter.assigned && (({ properties }) => assignedTo(filter.assigned, properties.assignee, me)),
    filter.text && saying(filter.text),
    filter.area && (({ geometry }) => inside(geometry.coordinates, filter.area)),
    filter.street && along(filter.street),
  ].filter(Boolean);
  return (feature) => tests.every((test) => test(feature));
}

/** How many of its parts hide something; the search is not counted, it stands in its own field. */
export function strictness(filter) {
  return Object.keys(EVERYTHING).filter((name) => name !== 'text' && filter[name] !== EVERYTHING[name]).length;
}

/** The parts that the server can apply itself, as parameters of `GET /v1/defects`. */
export function asked({ kinds, statuses, least }) {
  return { ...(kinds && { kind: kinds.join(',') }), ...(statuses && { status: statuses.join(',') }), ...(least && { min_confidence: least }) };
}

/** The box outside which nothing passes, or null. */
export function boxOf({ area, street }) {
  if (street) return beside(street);
  return area && boundsOf([{ geometry: { type: 'LineString', coordinates: area } }]);
}

/** name → word of the address, only of what differs from EVERYTHING. */
export function filterWords(filter) {
  const words = { kind: filter.kinds?.join(','), status: filter.statuses?.join(','), sure: filter.least || '', severity: filter.severity || '', age: filter.age, assigned: filter.assigned, q: filter.text };
  for (const name of ['area', 'street']) words[name] = filter[name]?.map((place) => place.map((degrees) => degrees.toFixed(5)).join(',')).join(';');
  return Object.fromEntries(Object.entries(words).filter(([, word]) => word !== undefined && word !== null && word !== ''));
}

/** The filter of an address (URLSearchParams); nonsense is ignored. */
export function filterFrom(words) {
  const names = (word, known) => words.has(word) ? words.get(word).split(',').filter((name) => known.includes(name)) : null;
  const number = (word, most) => Math.min(Math.max(Number.parseFloat(words.get(word)) || 0, 0), most);
  const among = (word, known) => (known.includes(words.get(word)) ? words.get(word) : '');
  return {
    kinds: names('kind', KINDS.map(({ name }) => name)),
    statuses: names('status', STATUSES),
    least: number('sure', 1),
    severity: number('severity', 10),
    age: among('age', Object.keys(AGES)),
    assigned: among('assigned', ASSIGNED),
    text: words.get('q') ?? '',
    area: placesFrom(words.get('area'), 3),
    street: placesFrom(words.get('street'), 2),
  };
}

function placesFrom(word, least) {
  const places = (word ?? '').split(';').map((place) => place.split(',').map(Number.parseFloat));
  const usable = places.length >= least && places.every(([x, y]) => Math.abs(x) <= 180 && Math.abs(y) <= 90);
  return usable ? places.map(([x, y]) => [x, y]) : null;
}

/** Within BESIDE_M of a line; what lies outside its box is not measured. */
function along(line) {
  const box = beside(line);
  return ({ geometry: { coordinates: [x, y] } }) => within([x, y, x, y], box) && metresFrom(line, [x, y]) <= BESIDE_M;
}

/** The box of what lies within BESIDE_M of a line. */
function beside(line) {
  const [west, south, east, north] = boundsOf([{ geometry: { type: 'LineString', coordinates: line } }]);
  const high = BESIDE_M / 111_000; // a little more than that
  const wide = high / Math.max(Math.cos((north * Math.PI) / 180), 0.01);
  return [west - wide, south - high, east + wide, north + high];
}

function aged(name, now) {
  const border = now - AGES[name] * DAY_MS;
  return name.startsWith('last') ? ({ properties }) => Date.parse(properties.last_seen) >= border : ({ properties }) => Date.parse(properties.first_seen) < border;
}

function assignedTo(wanted, assignee, me) {
  return wanted === 'me' ? Boolean(me) && assignee === me : Boolean(assignee) === (wanted === 'somebody');
}

/** Every word must stand somewhere in what is known of the defect: its reference, whose work it is, notes where they are told. */
function saying(text) {
  const wanted = text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return ({ properties: { id, assignee, note, kind, status } }) => {
    const all = [id, assignee, note, kind, status].filter(Boolean).join(' ').toLocaleLowerCase();
    return wanted.every((word) => all.includes(word));
  };
}
