/**
 * Talking to the server: its answers as data, its silence and its refusals as errors.
 *
 * Requests use `cache: 'no-cache'`: the browser asks with If-None-Match and an unchanged answer costs 304 and no body.
 */

const PAGE = 1000; // features asked for at once

/** The whole world: how a page begins, and stays where all there is fits into a few answers. */
export const WORLD = [-180, -90, 180, 90];
const MOST_PAGES = { world: 3, view: 20 }; // more is cut off; `complete` says so

/** The server did not answer at all, or not with something this page can read. */
export class NoAnswer extends Error {}

/** The server answered with an error; status: HTTP status, message: its own words. */
export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/** {style, tiles, attribution, bounds}: what the operator configured as background, each null where nothing is. */
export async function mapConfig() {
  return JSON.parse(await text('v1/map-config'));
}

/** One defect with its history: {type: 'Feature', geometry, properties, history}. */
export async function defect(id, signal) {
  return JSON.parse(await text(`v1/defects/${encodeURIComponent(id)}`, signal));
}

/** {name, role, until}: who is signed in here; name null for everyone else. */
export async function session() {
  return JSON.parse(await text('v1/session'));
}

/** Uses a sign-in link up. */
export async function signIn(link) {
  await send('POST', 'v1/session', { link });
}

export async function signOut() {
  await send('DELETE', 'v1/session');
}

/** Changes a defect, fields: {status, note, version}. Returns it as it is then. */
export async function setStatus(id, fields) {
  return JSON.parse(await send('PATCH', `v1/defects/${encodeURIComponent(id)}`, fields));
}

/** The street traces in a box [west, south, east, north]. Returns as `pages`. */
export function tracks(box, previous, signal) {
  return pages('v1/tracks', box, previous, signal);
}

/** The defects in a box. Returns as `pages`. */
export function defects(box, previous, signal) {
  return pages('v1/defects', box, previous, signal);
}

/**
 * All pages of a FeatureCollection: {features, head: the first page without its features, complete, stamp}.
 * previous: an earlier result, returned itself when nothing changed, so that the caller need not redraw.
 */
async function pages(path, box, previous, signal) {
  const texts = [];
  const parsed = [];
  const most = box === WORLD ? MOST_PAGES.world : MOST_PAGES.view;
  let cursor = null;
  do {
    const words = new URLSearchParams({ bbox: box.map(degrees).join(','), limit: PAGE, ...(cursor === null ? {} : { cursor }) });
    texts.push(await text(`${path}?${words}`, signal));
    parsed.push(JSON.parse(texts.at(-1)));
    cursor = parsed.at(-1).next ?? null;
  } while (cursor !== null && texts.length < most);
  const stamp = texts.join('\n');
  if (previous?.stamp === stamp) return previous;
  const { features: _, ...head } = parsed[0];
  return { features: parsed.flatMap((page) => page.features), head, complete: cursor === null, stamp };
}

function text(path, signal) {
  return ask(path, { cache: 'no-cache', headers: { Accept: 'application/json, application/geo+json' }, signal });
}

function send(method, path, fields) {
  const told = fields && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(fields) };
  return ask(path, { method, ...told });
}

async function ask(path, options) {
  let response;
  let body;
  try {
    response = await fetch(path, options);
    body = await response.text();
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new NoAnswer(error.message);
  }
  if (!response.ok) throw new Refused(response.status, detailOf(body));
  return body;
}

function detailOf(body) {
  try {
    return String(JSON.parse(body).detail ?? '');
  } catch {
    return '';
  }
}

function degrees(value) {
  return Number(value.toFixed(6));
}
