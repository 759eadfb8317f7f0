/** The calls of the API that the page makes, by name. Paths are relative: the page works below any prefix of a reverse proxy. */

import { get, send, sendFile } from './http.js';

const at = (id, what = '') => `v1/defects/${encodeURIComponent(id)}${what}`;
const asked = async (path, signal) => (await get(path, signal)).value;

/** {style, tiles, attribution, bounds, k}: what the operator configured, each null where nothing is. */
export const mapConfig = () => asked('v1/map-config');

/** {name, role, until}: who is signed in here; name null for everyone else. */
export const session = () => asked('v1/session');
export const signIn = (link) => send('POST', 'v1/session', { link });
export const signOut = () => send('DELETE', 'v1/session');

/** One defect with its history and what else the caller may know. */
export const defect = (id, signal) => asked(at(id), signal);

/** {metres, waveforms}: the shocks of its passes; users only. */
export const waveforms = (id) => asked(at(id, '/waveforms'));

/** Changes a defect, fields: {status, note, version, assignee, as}; returns it as it is then. So do merge (the other one), split and undo. */
export const change = (id, fields) => send('PATCH', at(id), fields);
export const merge = (id, fields) => send('POST', at(id, '/merge'), fields);
export const split = (id, fields) => send('POST', at(id, '/split'), fields);
export const undo = (id, fields) => send('POST', at(id, '/undo'), fields);

/** Where a photo of a defect is, size: small or large; adding one, which tells {id, time, by, width, height}; deleting it for ever. */
export const photoAt = (id, photo, size = 'large') => at(id, `/photos/${photo}${size === 'small' ? '?size=small' : ''}`);
export const addPhoto = (id, file) => sendFile('POST', at(id, '/photos'), file);
export const deletePhoto = (id, photo) => send('DELETE', photoAt(id, photo));

/** The same change of many, fields: {ids, status, note, assignee, as}; returns {results}, one of each. */
export const bulk = (fields) => send('POST', 'v1/triage', fields);

/** The tour, a FeatureCollection; words: the query's parameters. */
export const worklist = (words) => asked(`v1/worklist?${new URLSearchParams(words)}`);

/** A report made by hand, fields: {kind, place, note}. */
export const report = (fields) => send('POST', 'v1/reports', fields);

/** What this server offers: its OpenAPI description. */
export const description = () => asked('openapi.json');
