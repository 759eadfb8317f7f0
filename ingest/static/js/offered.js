/** What this server can do beyond the map, read from its own description, so that a page never offers what nobody answers. */

import { description } from './api.js';

const OPERATIONS = {
  bulk: ['/v1/triage', 'post'],
  merge: ['/v1/defects/{defect_id}/merge', 'post'],
  split: ['/v1/defects/{defect_id}/split', 'post'],
  photo: ['/v1/defects/{defect_id}/photos', 'post'],
  undo: ['/v1/defects/{defect_id}/undo', 'post'],
  waveforms: ['/v1/defects/{defect_id}/waveforms', 'get'],
  worklist: ['/v1/worklist', 'get'],
  worklistGpx: ['/v1/worklist.gpx', 'get'],
  live: ['/v1/live', 'get'],
  coverage: ['/v1/coverage', 'get'],
  crossings: ['/v1/crossings', 'get'],
  report: ['/v1/reports', 'post'],
};

let told = null;

/** Resolves to {has(name), fields(name): names of the body's fields, words(name): names of the query's parameters,
 * sorts: orders of the list, changes: names of what may be said of a defect}. */
export function offered() {
  told ??= description().then(read, () => read({ paths: {} }));
  return told;
}

function read(api) {
  const operation = (name) => api.paths[OPERATIONS[name][0]]?.[OPERATIONS[name][1]];
  const parameters = (path) => api.paths[path]?.get?.parameters ?? [];
  const sort = parameters('/v1/defects').find(({ name }) => name === 'sort');
  return {
    has: (name) => operation(name) !== undefined && (name !== 'report' || !needsToken(operation(name))),
    fields: (name) => Object.keys(bodyOf(api, operation(name))?.properties ?? {}),
    words: (name) => (operation(name)?.parameters ?? []).map((parameter) => parameter.name),
    sorts: sort?.schema?.enum ?? [],
    changes: Object.keys(bodyOf(api, api.paths['/v1/defects/{defect_id}']?.patch)?.properties ?? {}),
  };
}

/** Whether it answers `auth.missing`: then it is for devices or users alone. */
function needsToken({ responses }) {
  return (responses?.['401']?.description ?? '').includes('auth.missing');
}

function bodyOf(api, operation) {
  const schema = operation?.requestBody?.content?.['application/json']?.schema;
  const name = schema?.$ref?.split('/').at(-1);
  return name ? api.components?.schemas?.[name] : schema;
}
