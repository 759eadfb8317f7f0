/**
 * Every word a person reads, in one place, so that a second language is a second module like this one.
 *
 * Sentences are functions of their figures: languages differ in order and in plurals, not only in words.
 */

import { count, day, kilometres, percent, time } from './format.js';

export const KIND = { pothole: 'Pothole', speed_bump: 'Speed bump', joint: 'Joint', rough: 'Rough stretch', unknown: 'Unknown kind' };

export const KIND_HINT = {
  pothole: 'A hole in the road',
  speed_bump: 'Raised on purpose, across the road',
  joint: 'Rail crossing, bridge joint or manhole edge',
  rough: 'A stretch, not a point',
  unknown: 'Felt, but its kind is not clear',
};

export const STATUS = { new: 'new', confirmed: 'confirmed', scheduled: 'scheduled', repaired: 'repaired', dismissed: 'dismissed', reopened: 'reopened' };

const DIRECTIONS = ['north', 'north-east', 'east', 'south-east', 'south', 'south-west', 'west', 'north-west'];

export const LEGEND = {
  title: 'Legend and filters',
  kinds: 'Kinds',
  confidence: 'How sure at least',
  any: 'any',
  harder: 'Larger is a harder shock',
  sure: 'sure',
  likely: 'likely',
  doubtful: 'not yet sure',
  previous: 'Previous defect',
  next: 'Next defect',
  shown: (n, all) => (n === all ? `${count(n)} shown` : `${count(n)} of ${count(all)} shown`),
};

export const DETAIL = {
  close: 'Close',
  enlarge: 'Show more or less of this panel',
  severity: 'Severity',
  severityWords: (value) => (value < 1.5 ? 'Just felt' : value < 3 ? 'Clearly felt' : value < 5 ? 'Hard' : 'Very hard'),
  confidence: 'Confidence',
  evidence: (hits, passes, devices) => `${count(hits)} of ${passesBy(passes, devices)} felt it.`,
  history: 'Passes per day',
  passes: 'passed',
  hits: 'felt it',
  chart: (days, passes, hits) => `Passes over ${plural(days, 'day', 'days')}: ${count(passes)}, of which ${count(hits)} felt it.`,
  bar: (from, to, passes, hits) => `${from === to ? day(from) : `${day(from)} to ${day(to)}`}: ${plural(passes, 'pass', 'passes')}, ${count(hits)} felt it`,
  noHistory: 'No passes are known by day yet.',
  place: 'Place',
  radius: (metres) => `± ${metres.toFixed(metres < 10 ? 1 : 0)} m`,
  radiusHint: 'The circle on the map: it lies inside with a probability of about 40 % (1 σ), and of 86 % inside twice the circle.',
  near: 'Zoom in',
  open: 'Navigate there',
  direction: 'Direction',
  heading: (degrees) => `heading ${DIRECTIONS[Math.round(degrees / 45) % 8]} (${Math.round(degrees) % 360}°)`,
  noHeading: 'both ways, or not known',
  seen: 'Felt',
  seenOn: (first, last) => (day(first) === day(last) ? day(first) : `${day(first)} to ${day(last)}`),
  priority: 'Priority',
  status: 'Status',
  id: 'Reference',
  loading: 'Loading …',
  gone: 'This defect is no longer listed. It may have been joined with another, or too few cars have passed it.',
  unreachable: 'Its history could not be loaded: the server does not answer.',
  refused: (detail) => `Its history could not be loaded. ${detail}`,
};

export const SIGN_IN = {
  ready: 'This link signs you in on this device, once.',
  noLink: 'This address is not complete: open the whole link you were given, from http to its last letter.',
  enter: 'Sign in',
  refused: (detail) => `That did not work: ${detail || 'no reason given'}`,
  silent: 'The server does not answer. Try again.',
};

export const SESSION = {
  signedIn: (name, role) => `Signed in as ${name} (${role}).`,
  leave: 'Sign out',
};

export const TRIAGE = {
  title: 'What is to be done?',
  note: 'Note for the crew',
  noteOnly: 'Add note only',
  become: { new: 'Back to new', confirmed: 'Confirm', scheduled: 'Schedule', repaired: 'Is repaired', dismissed: 'Dismiss', reopened: 'Reopen' },
  saved: 'Saved.',
  silent: 'Not saved: the server does not answer. Try again.',
  refused: (detail) => `Not saved: ${detail || 'no reason given'}`,
  trail: 'What was said',
  who: (when, by) => `${when}, ${by}`,
  repair: ({ verdict, silent_passes: passes, silent_devices: cars, hits }) => `${{ holds: 'The repair holds', marked: 'Not yet certain', reopened: 'Jolts returned' }[verdict] ?? verdict}: since then ${passesBy(passes, cars)} without a jolt, ${plural(hits, 'pass', 'passes')} with one.`,
};

export const STATE = {
  loading: 'Loading …',
  line: (defects, metres, at) => `${plural(defects, 'defect', 'defects')} on ${kilometres(metres)} · updated ${time(at)}`,
  cut: (n) => `More than ${count(n)} defects here: zoom in to see all`,
  silent: (since) => (since ? `No answer from the server since ${time(since)}. Trying again.` : 'No answer from the server. Trying again.'),
  refused: (detail) => `The server refused: ${detail || 'no reason given'}`,
  emptyTitle: 'No defects yet',
  empty: (k) => `They appear here as trips come in, once at least ${plural(k, 'car', 'different cars')} passed a place.`,
  silentTitle: 'The server does not answer',
  silentHelp: 'This page tries again by itself. If it lasts: is “cahot serve” still running, and is this device on the same network?',
  noWebglTitle: 'This browser cannot draw the map',
  noWebgl: 'The map needs WebGL 2, which is switched off or missing here. A current Firefox, Chrome, Edge or Safari has it.',
};

export const MAP = {
  label: 'Map of road defects. Arrow keys move it, plus and minus zoom.',
  controls: { 'NavigationControl.ZoomIn': 'Zoom in', 'NavigationControl.ZoomOut': 'Zoom out', 'NavigationControl.ResetBearing': 'Turn north up', 'Map.Title': 'Map of road defects', 'AttributionControl.ToggleAttribution': 'Sources of this map' },
};

function passesBy(passes, devices) {
  return `${plural(passes, 'pass', 'passes')} by ${plural(devices, 'car', 'cars')}`;
}

function plural(n, one, many) {
  return `${count(n)} ${n === 1 ? one : many}`;
}
