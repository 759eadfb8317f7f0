/** The page's words in English. `fr.js` has the same names; a test holds the two against each other. */

import { count, day, decimal, kilometres, time } from '../format.js';

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

export const FILTER = {
  title: 'Legend and filters',
  kinds: 'Kind',
  statuses: 'Status',
  confidence: 'How sure at least',
  severity: 'How hard at least',
  from: (value) => `from ${decimal(value)}`,
  any: 'any',
  age: 'Age',
  ages: { last7: 'felt within 7 days', last30: 'felt within 30 days', last90: 'felt within 90 days', old90: 'known for over 90 days', old365: 'known for over a year' },
  assigned: 'Assigned to',
  assignees: { nobody: 'nobody', somebody: 'somebody', me: 'me' },
  street: 'Choose a street',
  eraseStreet: 'All streets',
  draw: 'Draw an area',
  eraseArea: 'Remove the area',
  all: 'Show everything',
  strict: (n) => count(n),
  harder: 'Larger is a harder shock',
  sure: 'sure',
  likely: 'likely',
  doubtful: 'not yet sure',
};

export const LIST = {
  title: 'Defects',
  label: 'Defects. Arrow keys walk the list, Return opens.',
  tabs: 'What the column shows',
  enlarge: 'Show more or less of the list',
  sort: 'Order',
  by: { priority: 'by priority', equity: 'by equity', severity: 'by severity', age: 'oldest first' },
  shown: (n, all, words) => (n === all ? `${words(n)} shown` : `${words(n)} of ${words(all)} shown`),
  felt: (hits, passes) => `felt by ${count(hits)} of ${count(passes)}`,
  mark: (kind, id) => `Choose ${kind} ${id}`,
  previous: 'Previous defect',
  next: 'Next defect',
};

export const SEARCH = {
  label: 'Search by reference, person, or place as latitude, longitude',
  placeholder: 'Reference, person or 47.05, 8.31',
};

export const AREA = {
  title: 'Draw an area.',
  hint: 'Click its corners on the map.',
  more: 'An area has at least three corners.',
  done: 'Done',
  view: 'Take what is seen',
  cancel: 'Cancel',
};

export const STREET = {
  title: 'Choose a street.',
  hint: 'Press on it: it goes on as long as it goes straight on.',
  none: 'No street is known there. Press on one that is drawn, or nearer to it.',
  middle: 'The one in the middle',
  cancel: 'Cancel',
};

export const LAYERS = {
  title: 'What the map shows',
  streets: 'Streets that were driven',
  roughness: 'How rough they are',
  coverage: 'Where we can know',
  crossings: 'Crossings',
  hint: { streets: 'warmer: more passes', roughness: 'mean of all passes', coverage: 'hatched: too few cars, nothing can be said', crossings: 'darker: more cars brake there' },
  smooth: 'smooth',
  rough: 'rough',
  few: 'few cars',
  many: 'many cars',
  unknown: 'not known: fewer cars than needed, or none',
};

export const CROSSING = {
  title: (arms) => `Crossing of ${plural(arms, 'arm', 'arms')}`,
  braking: (share, low, high) => `${share} of the cars brake here (between ${low} and ${high}).`,
  from: (approaches, devices) => `From ${plural(approaches, 'approach', 'approaches')} by ${plural(devices, 'car', 'cars')}.`,
};

export const DETAIL = {
  close: 'Close',
  dismissMessage: 'Hide this message',
  enlarge: 'Show more or less of this panel',
  severity: 'Severity',
  severityWords: (value) => (value < 1.5 ? 'Just felt' : value < 3 ? 'Clearly felt' : value < 5 ? 'Hard' : 'Very hard'),
  confidence: 'Confidence',
  evidence: (hits, passes, devices) => `${count(hits)} of ${passesBy(passes, devices)} felt it.`,
  history: 'Passes over time',
  passes: 'passed',
  hits: 'felt it',
  chart: (days, passes, hits) => `Passes over ${plural(days, 'day', 'days')}: ${count(passes)}, of which ${count(hits)} felt it.`,
  bar: (from, to, passes, hits) => `${from === to ? day(from) : `${day(from)} to ${day(to)}`}: ${plural(passes, 'pass', 'passes')}, ${count(hits)} felt it`,
  repairedOn: (when) => `Marked as repaired on ${day(when)}`,
  noHistory: 'No passes are known by day yet.',
  place: 'Place',
  radius: (metres) => `± ${decimal(metres, metres < 10 ? 1 : 0)} m`,
  radiusHint: 'The circle on the map: it lies inside with a probability of about 40 % (1 σ), and of 86 % inside twice the circle.',
  near: 'Zoom in',
  street: 'Along this street',
  open: 'Take me there',
  openIn: 'or with',
  direction: 'Direction',
  heading: (degrees) => `heading ${DIRECTIONS[Math.round(degrees / 45) % 8]} (${Math.round(degrees) % 360}°)`,
  noHeading: 'both ways, or not known',
  seen: 'Felt',
  seenOn: (first, last) => (day(first) === day(last) ? day(first) : `${day(first)} to ${day(last)}`),
  size: { pothole: 'Depth', speed_bump: 'Height' },
  sizeOf: ({ m, low, high }) => `about ${decimal(100 * m, 0)} cm (${decimal(100 * low, 0)} to ${decimal(100 * high, 0)})`,
  sizeHint: 'Estimated from the shocks of all cars, as learnt from simulated ones; it lies within these bounds nine times in ten.',
  hitRate: 'Hit rate',
  priority: 'Priority',
  status: 'Status',
  assignee: 'Assigned to',
  nobody: 'nobody',
  merged: 'Counts for',
  id: 'Reference',
  kinds: 'What it may be',
  shocks: 'What the cars felt',
  shocksLabel: (n, most) => `Vertical shocks of ${plural(n, 'pass', 'passes')}, one over the other, up to ${decimal(most)} m/s².`,
  shocksHint: (n) => `Vertical acceleration (m/s²) over metres of road, ${plural(n, 'pass', 'passes')}; the thick line is their median.`,
  noShocks: 'None to show: of too few cars, or the traces are kept no longer.',
  shocksMissing: 'They could not be loaded.',
  reports: (n) => (n === 1 ? 'One report nearby' : `${count(n)} reports nearby`),
  away: (metres) => `${Math.round(metres)} m away`,
  loading: 'Loading …',
  gone: 'This defect is no longer listed. It may have been joined with another, or too few cars have passed it.',
  unreachable: 'Its history could not be loaded: the server does not answer.',
  refused: (detail) => `Its history could not be loaded. ${detail}`,
};

export const PHOTO = {
  title: 'Photos',
  by: (name) => `Photo by ${name}`,
  one: (name, when) => `Photo by ${name}, ${when}`,
  place: (n, all) => `${n}\u00a0of\u00a0${all}`,
  previous: 'Previous photo',
  next: 'Next photo',
  alone: 'Open it alone in a new tab',
  add: 'Add a photo',
  hint: 'Seen by signed-in users only.',
  sending: 'Sending the photo …',
  added: 'Photo added.',
  known: 'It has this photo already.',
  delete: 'Delete …',
  really: 'Delete this photo for ever?',
  yes: 'Delete',
  no: 'Keep it',
  deleted: 'Photo deleted.',
  silent: 'the server does not answer. Try again.',
  noReason: 'no reason given',
  notSent: (why) => `Not added: ${why}`,
  notDeleted: (why) => `Not deleted: ${why}`,
};

export const TERMS = {
  title: 'Why it comes here in the list',
  priority: 'Priority',
  equity: 'Equity',
  name: { confidence: 'it is there', mend: 'something to mend', severity: 'how hard', exposure: 'who is hit, how often', growth: 'how surely it grows', road_class: 'how fast one drives there', hit_rate: 'share of passes that hit it', traffic_share: 'usual traffic of such a street' },
  why: { confidence: 'probability', mend: '1 = hole or rough, 0.5 = joint, 0.2 = hump', severity: '1 = just felt', exposure: 'hit rate, passes, number of cars', growth: '1 = not known to grow', road_class: '1 = a street at 50 km/h', hit_rate: 'however few pass', traffic_share: 'whoever takes part' },
  from: ({ passes_per_day: perDay, devices, speed }) => `From ${decimal(perDay)} passes a day by ${plural(devices, 'car', 'cars')}${Number.isFinite(speed) ? `, usually at ${Math.round(speed * 3.6)} km/h` : ''}.`,
};

export const SIGN_IN = {
  title: 'Cahot · sign in',
  ready: 'This link signs you in on this device, once.',
  noLink: 'This address is not complete: open the whole link you were given, from http to its last letter.',
  enter: 'Sign in',
  refused: (detail) => `That did not work: ${detail || 'no reason given'}`,
  silent: 'The server does not answer. Try again.',
};

export const SESSION = {
  signedIn: (name, role) => `Signed in as ${name} (${role}).`,
  role: { crew: 'crew', analyst: 'analyst', admin: 'administrator' },
  leave: 'Sign out',
};

export const TRIAGE = {
  title: 'What is to be done?',
  note: 'Note for the crew',
  noteOnly: 'Add note',
  noted: 'Note added',
  become: { new: 'Back to new', confirmed: 'Confirm', scheduled: 'Schedule', repaired: 'Is repaired', dismissed: 'Dismiss', reopened: 'Reopen' },
  dismissAs: 'Dismiss as',
  noDefect: 'Not a defect',
  asset: { casting: 'Manhole or grating', hump: 'Hump on purpose', crossing: 'Rail crossing', joint: 'Bridge joint' },
  knownAs: (sort) => `known as ${{ casting: 'manhole or grating', hump: 'hump', crossing: 'rail crossing', joint: 'bridge joint' }[sort] ?? sort}`,
  assign: 'Assign …',
  assignTo: 'Whose work is it?',
  assignee: 'Name of a person or crew',
  me: (name) => `Mine (${name})`,
  nobody: 'Nobody’s',
  give: 'Assign',
  assigned: (name) => `assigned to ${name}`,
  unassigned: 'assigned to nobody',
  merge: 'Same as …',
  mergeWith: 'Which other one is the same?',
  mergeHint: 'Choose it here or click it on the map. It then counts as part of this one.',
  merged: 'Made one of two.',
  away: (metres) => `${Math.round(metres)} m away`,
  split: 'Split …',
  splitHow: 'These are two:',
  splitBy: { position: 'one after the other', side: 'side by side' },
  parted: 'Made two of one.',
  saved: 'Saved.',
  done: (words) => `Saved: ${words}.`,
  undo: 'Undo',
  undone: 'Taken back.',
  silent: 'Not saved: the server does not answer. Try again.',
  refused: (detail) => `Not saved: ${detail || 'no reason given'}`,
  conflict: (by, status) => `Not saved, for somebody was faster: ${by} set it to ${status}.`,
  again: 'Save mine all the same',
  leave: 'Leave it so',
  tickAll: 'Choose all shown',
  tickNone: 'Choose none',
  ticked: (n) => `${count(n)} chosen`,
  more: 'More …',
  tour: 'Plan a tour',
  many: (words, done, not, why) => `${plural(done, 'defect', 'defects')}: ${words}.${not ? ` ${count(not)} not changed: ${why}` : ''}`,
  manyUndone: (n, all) => `Taken back: ${count(n)} of ${count(all)}.`,
  trail: 'What was said',
  who: (when, by) => `${when}, ${by}`,
  tookBack: 'took it back',
  joined: (id) => `joined with ${id}`,
  split1: (id) => `split from ${id}`,
  repair: ({ verdict, silent_passes: passes, silent_devices: cars, hits, repaired_at, since = repaired_at }) => `${{ seems_repaired: 'Seems repaired, though nobody said so', holds: 'The repair holds', marked: 'Not yet certain', reopened: 'Jolts again, reopened' }[verdict] ?? verdict}: ${plural(passes, 'silent pass', 'silent passes')} by ${plural(cars, 'car', 'cars')}${since ? ` since ${day(since)}` : ''}, ${plural(hits, 'pass', 'passes')} with a jolt.`,
};

export const TOUR = {
  title: 'Work list',
  chosen: (n) => `A tour of the ${plural(n, 'defect', 'defects')} chosen in the list.`,
  worthwhile: 'A tour of the most worthwhile open defects; or choose some in the list.',
  stops: 'Stops',
  crews: 'Crews',
  hours: 'Hours each',
  minutes: 'Minutes a stop',
  start: 'Start',
  startHint: 'Click where the tour starts.',
  depot: 'End',
  depotHint: 'Click where the tour ends.',
  noDepot: 'at the last stop',
  middle: 'middle of the map',
  here: 'where I am',
  click: 'a place on the map …',
  useMiddle: 'Middle of the map',
  cancel: 'Cancel',
  finding: 'Looking where you are …',
  notFound: 'This device does not tell where it is.',
  plan: 'Plan the tour',
  planning: 'Planning …',
  silent: 'The server does not answer. Try again.',
  refused: (detail) => `No tour: ${detail || 'no reason given'}`,
  print: 'Print',
  crew: (n, of) => (of > 1 ? `Crew ${n}` : 'The tour'),
  sum: (stops, way, time1) => `${plural(stops, 'stop', 'stops')}, ${way}, ${time1}`,
  lasts: (seconds) => `${Math.floor(seconds / 3600)}:${String(Math.floor((seconds % 3600) / 60)).padStart(2, '0')} h`,
  arrive: (after) => `after ${after}`,
  leg: (way) => `${way} to drive`,
  leftOut: (n) => `${plural(n, 'defect', 'defects')} left out: there are not hours enough.`,
  order: 'No.',
  arrival: 'Arrive after',
};

export const REPORT = {
  title: 'Report a defect',
  tap: 'Click the place on the map.',
  useMiddle: 'Middle of the map',
  useHere: 'Where I am',
  cancel: 'Cancel',
  finding: 'Looking where you are …',
  notFound: 'This device does not tell where it is. Click the place on the map.',
  what: 'What is it?',
  kinds: { lamp: 'Street lamp', graffiti: 'Graffiti', sign_not_visible: 'Sign that cannot be seen', other: 'Something else' },
  where: 'Place:',
  again: 'choose another',
  note: 'A word about it (if you like)',
  privacy: 'The road’s crew reads this. Please write nothing about persons.',
  send: 'Send the report',
  thanks: 'Thank you. Your report is with the crew.',
  known: 'Thank you. It was known already; your report is with it.',
  mine: 'What became of your reports',
  see: 'see it on the map',
  status: { new: 'new', confirmed: 'confirmed', scheduled: 'scheduled', repaired: 'repaired', dismissed: 'dismissed', reopened: 'reopened' },
  silent: 'Not sent: the server does not answer. Try again.',
  refused: (detail) => `Not sent: ${detail || 'no reason given'}`,
};

export const PRINT = {
  made: (when) => `Printed on ${day(when)}, ${time(when)}`,
  map: 'The map as it is seen',
  kind: 'Kind',
  done: 'Done',
  cut: (n) => `and ${n} more; filter the list for a shorter one.`,
};

export const STATE = {
  loading: 'Loading …',
  line: (defects, metres, at) => `${plural(defects, 'defect', 'defects')} on ${kilometres(metres)} · updated ${time(at)}`,
  cut: (n) => `More than ${count(n)} defects here: the most urgent are shown, zoom in to see all`,
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
  title: 'Cahot · road defects',
  label: 'Map of road defects. Arrow keys move it, plus and minus zoom.',
  controls: { 'NavigationControl.ZoomIn': 'Zoom in', 'NavigationControl.ZoomOut': 'Zoom out', 'NavigationControl.ResetBearing': 'Turn north up', 'Map.Title': 'Map of road defects', 'AttributionControl.ToggleAttribution': 'Sources of this map' },
};

function passesBy(passes, devices) {
  return `${plural(passes, 'pass', 'passes')} by ${plural(devices, 'car', 'cars')}`;
}

function plural(n, one, many) {
  return `${count(n)} ${n === 1 ? one : many}`;
}
