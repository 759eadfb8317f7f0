/** What people reported around the place, nearest first. */

import { element } from './dom.js';
import { day } from './format.js';
import { DETAIL, KIND, REPORT } from './texts.js';

/** The section of [{kind, note, time, distance, status}]; nothing where the caller may not know or nobody reported. */
export function reportsNear(reports) {
  if (!reports?.length) return null;
  return element('section', { class: 'reports-near' },
    element('h3', {}, DETAIL.reports(reports.length)),
    element('ul', {}, reports.map(({ kind, note, time, distance, status }) => element('li', {},
      element('p', { class: 'quiet' }, [KIND[kind] ?? REPORT.kinds[kind] ?? kind, day(time), DETAIL.away(distance), ...(status ? [REPORT.status[status] ?? status] : [])].join(' · ')),
      note ? element('p', { class: 'said' }, note) : null))));
}
