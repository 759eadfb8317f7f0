/** Which defects are shown: one rule for the list, the map and the print sheet, and how it is written in the address. Pure. */

import { inside } from './geometry.js';
import { KINDS, kindOf } from './kinds.js';

export const STATUSES = ['new', 'confirmed', 'scheduled', 'repaired', 'dismissed', 'reopened'];
const DAY_MS = 86_400_000;

/** Ages by name: last felt within so many days, or known for longer than so many. */
export const AGES = { last7: 7, last30: 30, last90: 90, old90: 90, old365: 365 };
export const ASSIGNED = ['nobody', 'somebody', 'me'];

/** The filter that hides nothing. kinds, statuses: names or null for all; least, severity: smallest shown; area: ring of [lon, lat] or null. */
export const EVERYTHING = Object.freeze({ kinds: null, statuses: null, least: 0, severity: 0, age: '', assigned: '', text: '', area: null });

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

/** name → word of the address, only of what differs from EVERYTHING. */
export function filterWords(filter) {
  const words = { kind: filter.kinds?.join(','), status: filter.statuses?.join(','), sure: filter.least || '', severity: filter.severity || '', age: filter.age, assigned: filter.assigned, q: filter.text };
  words.area = filter.area?.map((place) => place.map((degrees) => degrees.toFixed(5)).join(',')).join(';');
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
    area: ringFrom(words.get('area')),
  };
}

function ringFrom(word) {
  const ring = (word ?? '').split(';').map((place) => place.split(',').map(Number.parseFloat));
  const usable = ring.length >= 3 && ring.every(([x, y]) => Math.abs(x) <= 180 && Math.abs(y) <= 90);
  return usable ? ring.map(([x, y]) => [x, y]) : null;
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
