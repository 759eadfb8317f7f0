/** The panel of one defect: what it is, how sure that is and why, where, since when. On a phone a sheet from below. */

import { historyChart } from './chart.js';
import { element, iconButton, stepButtons, svg } from './dom.js';
import { percent } from './format.js';
import { certaintyOf, kindOf } from './kinds.js';
import { symbolElement } from './symbols.js';
import { DETAIL, KIND, KIND_HINT, LEGEND, STATUS } from './texts.js';

/**
 * Wires the panel to its element. Returns {show(feature, history or null, note), apologise(words), hide()}:
 * history null says that it is still on its way; apologise is for a defect of which nothing is known. said(feature): nodes
 * about what crews said.
 */
export function detailPanel(panel, { onClose, onNear, onStep, said }) {
  let shown = null;
  const fill = (id, build) => {
    const opening = panel.hidden || shown !== id;
    const scroll = opening ? 0 : panel.querySelector('.detail-body').scrollTop;
    const inside = panel.contains(document.activeElement);
    const control = inside && document.activeElement.getAttribute('aria-label');
    shown = id;
    panel.replaceChildren(...build()); // only now: a node that is used again leaves the page, and its focus, when it is built in
    panel.hidden = false;
    document.body.classList.add('has-detail');
    panel.querySelector('.detail-body').scrollTop = scroll;
    const kept = control && panel.querySelector(`[aria-label="${control}"]`); // a refresh or a step replaces the button under the finger
    if (kept) kept.focus({ preventScroll: true });
    else if (opening || inside) panel.querySelector('h2').focus({ preventScroll: true });
  };
  const show = (feature, history, note = null) => fill(feature.properties.id, () => [head(panel, feature.properties.kind, certaintyOf(feature.properties.confidence), { onClose, onStep }), body(feature, history, note, said(feature), () => onNear(feature))]);
  const apologise = (words) => fill(null, () => [head(panel, 'unknown', 'doubtful', { onClose, onStep }), element('div', { class: 'detail-body' }, element('p', { class: 'note', role: 'status' }, words))]);
  const hide = () => {
    shown = null;
    panel.hidden = true;
    panel.classList.remove('tall');
    document.body.classList.remove('has-detail');
  };
  document.addEventListener('keydown', (event) => { if (event.key === 'Escape') onClose(); });
  return { show, apologise, hide };
}

function head(panel, kind, certainty, { onClose, onStep }) {
  return element('header', { class: 'detail-head' },
    element('button', { type: 'button', class: 'handle', 'aria-label': DETAIL.enlarge, click: () => panel.classList.toggle('tall') }),
    symbolElement(kind, certainty, 34),
    element('div', {},
      element('h2', { id: 'detail-title', tabindex: -1 }, KIND[kind] ?? KIND.unknown),
      element('p', { class: 'quiet' }, KIND_HINT[kind] ?? KIND_HINT.unknown)),
    stepButtons(LEGEND, onStep),
    iconButton(DETAIL.close, 'M6 6l12 12M18 6 6 18', onClose));
}

function body(feature, history, note, said, onNear) {
  const properties = feature.properties;
  return element('div', { class: 'detail-body' },
    note ? element('p', { class: 'note', role: 'status' }, note) : null,
    element('div', { class: 'gauges' },
      gauge(DETAIL.severity, properties.severity.toFixed(1), properties.severity / 10, DETAIL.severityWords(properties.severity), kindOf(properties.kind).colour),
      gauge(DETAIL.confidence, percent(properties.confidence), properties.confidence, DETAIL.evidence(properties.hits, properties.passes, properties.devices), 'var(--ink)')),
    passes(properties, history, note),
    facts(feature, onNear),
    said);
}

function gauge(label, value, share, words, colour) {
  const width = Math.min(Math.max(share, 0.02), 1) * 100;
  return element('div', { class: 'gauge' },
    element('h3', {}, label),
    element('p', { class: 'figure' }, value),
    svg('svg', { viewBox: '0 0 100 4', preserveAspectRatio: 'none', class: 'gauge-bar', 'aria-hidden': 'true' },
      svg('rect', { width: 100, height: 4, class: 'gauge-ground' }),
      svg('rect', { width, height: 4, fill: colour })),
    element('p', { class: 'words' }, words));
}

function passes(properties, history, note) {
  const colour = kindOf(properties.kind).colour;
  const known = history?.length > 0;
  return element('section', { class: 'history' },
    element('h3', {}, DETAIL.history),
    known ? element('p', { class: 'chart-key' }, swatch('var(--bar)'), DETAIL.passes, swatch(colour), DETAIL.hits) : null,
    known ? historyChart(history, colour) : element('p', { class: 'quiet' }, history || note ? DETAIL.noHistory : DETAIL.loading));
}

function swatch(colour) {
  return svg('svg', { viewBox: '0 0 10 10', width: 10, height: 10, 'aria-hidden': 'true' }, svg('rect', { width: 10, height: 10, rx: 2, fill: colour }));
}

function facts({ geometry, properties }, onNear) {
  const [longitude, latitude] = geometry.coordinates;
  const place = `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
  return element('section', {},
    element('dl', { class: 'facts' },
      fact(DETAIL.place, place, element('abbr', { class: 'radius', title: DETAIL.radiusHint }, DETAIL.radius(properties.radius))),
      fact(DETAIL.direction, properties.heading === null ? null : arrow(properties.heading), properties.heading === null ? DETAIL.noHeading : DETAIL.heading(properties.heading)),
      properties.first_seen ? fact(DETAIL.seen, DETAIL.seenOn(properties.first_seen, properties.last_seen)) : null,
      fact(DETAIL.status, STATUS[properties.status] ?? properties.status),
      Number.isFinite(properties.priority) ? fact(DETAIL.priority, properties.priority.toFixed(2)) : null,
      fact(DETAIL.id, element('span', { class: 'id' }, properties.id))),
    element('div', { class: 'actions' },
      element('button', { type: 'button', class: 'button plain', click: onNear }, DETAIL.near),
      element('a', { class: 'button', href: `geo:${latitude.toFixed(6)},${longitude.toFixed(6)}` }, DETAIL.open)));
}

function fact(name, ...value) {
  return element('div', {}, element('dt', {}, name), element('dd', {}, ...value));
}

function arrow(heading) {
  return svg('svg', { viewBox: '0 0 24 24', width: 18, height: 18, 'aria-hidden': 'true', class: 'arrow' },
    svg('path', { d: 'M12 3l6 17-6-4-6 4Z', transform: `rotate(${heading} 12 12)` }));
}
