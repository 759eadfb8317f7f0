/** Where the defect is, which way it is felt, since when, and how to get there. */

import { element, svg } from './dom.js';
import { decimal, share } from './format.js';
import { linksTo } from './navigation.js';
import { DETAIL, STATUS, TRIAGE } from './texts.js';

/** The section of a feature; onNear(feature): somebody wants to see the place from near, onStreet(feature): what lies on its street. */
export function facts(feature, { onNear, onStreet }) {
  const { geometry, properties } = feature;
  const [longitude, latitude] = geometry.coordinates;
  const place = `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
  const [first, ...others] = linksTo(latitude, longitude);
  return element('section', {},
    element('div', { class: 'actions' },
      element('a', { class: 'button', href: first.href }, DETAIL.open),
      element('button', { type: 'button', class: 'button plain', click: () => onNear(feature) }, DETAIL.near),
      element('button', { type: 'button', class: 'button plain', click: () => onStreet(feature) }, DETAIL.street)),
    element('p', { class: 'links' }, DETAIL.openIn, others.map(({ name, href }) => element('a', { href, target: '_blank', rel: 'noopener noreferrer' }, name))),
    element('dl', { class: 'facts' },
      fact(DETAIL.place, element('span', { class: 'place' }, place), element('abbr', { class: 'radius', title: DETAIL.radiusHint }, DETAIL.radius(properties.radius))),
      fact(DETAIL.direction, properties.heading === null ? null : arrow(properties.heading), properties.heading === null ? DETAIL.noHeading : DETAIL.heading(properties.heading)),
      feature.size ? fact(DETAIL.size[properties.kind] ?? DETAIL.size.pothole, element('abbr', { class: 'radius', title: DETAIL.sizeHint }, DETAIL.sizeOf(feature.size))) : null,
      properties.first_seen ? fact(DETAIL.seen, DETAIL.seenOn(properties.first_seen, properties.last_seen)) : null,
      fact(DETAIL.hitRate, share(properties.hit_rate)),
      fact(DETAIL.status, [STATUS[properties.status] ?? properties.status, ...(feature.known_as ? [TRIAGE.knownAs(feature.known_as)] : [])].join(', ')),
      feature.assignee === undefined ? null : fact(DETAIL.assignee, feature.assignee ?? DETAIL.nobody),
      Number.isFinite(properties.priority) ? fact(DETAIL.priority, decimal(properties.priority, 2)) : null,
      fact(DETAIL.id, element('span', { class: 'id' }, properties.id)),
      feature.merged?.length ? fact(DETAIL.merged, element('span', { class: 'id' }, feature.merged.join(', '))) : null));
}

function fact(name, ...value) {
  return element('div', {}, element('dt', {}, name), element('dd', {}, ...value));
}

function arrow(heading) {
  return svg('svg', { viewBox: '0 0 24 24', width: 18, height: 18, 'aria-hidden': 'true', class: 'arrow' },
    svg('path', { d: 'M12 3l6 17-6-4-6 4Z', transform: `rotate(${heading} 12 12)` }));
}
