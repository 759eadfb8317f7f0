/**
 * Asking the server: its answers as text, its silence and its refusals as errors.
 *
 * Requests use `cache: 'no-cache'`: the browser asks with If-None-Match and an unchanged answer costs 304 and no body.
 */

/** The server did not answer at all, or not with something this page can read. */
export class NoAnswer extends Error {}

/** The server answered with an error; status: HTTP status, message: its own words, problem: its whole answer, {} where unreadable. */
export class Refused extends Error {
  constructor(status, problem) {
    super(String(problem.detail ?? ''));
    this.status = status;
    this.problem = problem;
  }
}

/** {value, stamp}: the parsed answer, and what changes exactly when the answer does. more: further headers. */
export async function get(path, signal, more = {}) {
  const response = await ask(path, { cache: 'no-cache', headers: { Accept: 'application/json, application/geo+json', ...more }, signal });
  const stamp = response.headers.get('ETag');
  const text = await read(response);
  return { value: parsed(text), stamp: stamp ?? text };
}

/** Sends fields as JSON; the parsed answer, null where it has no body. */
export async function send(method, path, fields) {
  const told = fields && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(fields) };
  const text = await read(await ask(path, { method, ...told }));
  return text ? JSON.parse(text) : null;
}

/** Sends a file as it is; the parsed answer. */
export async function sendFile(method, path, file) {
  return parsed(await read(await ask(path, { method, headers: { 'Content-Type': file.type || 'application/octet-stream' }, body: file })));
}

async function ask(path, options) {
  const response = await readable(() => fetch(path, options));
  if (!response.ok) throw new Refused(response.status, problemOf(await read(response)));
  return response;
}

function read(response) {
  return readable(() => response.text());
}

async function readable(work) {
  try {
    return await work();
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new NoAnswer(error.message);
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new NoAnswer(error.message); // a captive portal's page, perhaps
  }
}

function problemOf(body) {
  try {
    return Object(JSON.parse(body));
  } catch {
    return {};
  }
}
