/** The panel of one defect: what it is, how sure that is and why, what is to be done, where, since when. On a phone a sheet from below. */

import { historyChart } from './chart.js';
import { element, iconButton, stepButtons, svg } from './dom.js';
import { facts } from './facts.js';
import { decimal, percent } from './format.js';
import { certaintyOf, kindOf } from './kinds.js';
import { probabilities } from './probabilities.js';
import { reportsNear } from './reports_near.js';
import { symbolElement } from './symbols.js';
import { terms } from './terms.js';
import { verdict } from './trail.js';
import { DETAIL, KIND, KIND_HINT, LIST } from './texts.js';

/**
 * Wires the panel to its element. Returns {show(feature, whether its history is here, note), apologise(words), hide()}:
 * apologise is for a defect of which nothing is known. crew(feature): {doing, said}: nodes of what crews do and said;
 * shocks(feature): nodes of its waveforms; photos(feature): of its photos.
 */
export function detailPanel(panel, { onClose, onNear, onStreet, onStep, crew, shocks, photos }) {
  let shown = null;
  const fill = (id, build) => {
    const opening = panel.hidden || shown !== id;
    const scroll = opening ? 0 : panel.querySelector('.detail-body').scrollTop;
    const open = opening ? [] : [...panel.querySelectorAll('details[open]')].map((node) => node.id);
    const inside = panel.contains(document.activeElement);
    const control = inside && document.activeElement.getAttribute('aria-label');
    shown = id;
    panel.replaceChildren(...build()); // only now: a node that is used again leaves the page, and its focus, when it is built in
    panel.hidden = false;
    document.body.classList.add('has-detail');
    for (const each of open) panel.querySelector(`#${each}`)?.setAttribute('open', '');
    panel.querySelector('.detail-body').scrollTop = scroll;
    const kept = control && panel.querySelector(`[aria-label="${control}"]`); // a refresh or a step replaces the button under the finger
    if (kept) kept.focus({ preventScroll: true });
    else if (opening || inside) panel.querySelector('h2').focus({ preventScroll: true });
  };
  const parts = { onClose, onNear, onStreet, onStep, crew, shocks, photos };
  const show = (feature, here, note = null) => fill(feature.properties.id, () => [head(panel, feature.properties.kind, certaintyOf(feature.properties.confidence), parts), body(feature, here, note, parts)]);
  const apologise = (words) => fill(null, () => [head(panel, 'unknown', 'doubtful', parts), element('div', { class: 'detail-body' }, element('p', { class: 'note', role: 'status' }, words))]);
  const hide = () => {
    shown = null;
    panel.hidden = true;
    panel.classList.remove('tall');
    document.body.classList.remove('has-detail');
  };
  document.addEventListener('keydown', (event) => { if (event.key === 'Escape' && !panel.hidden) onClose(); });
  return { show, apologise, hide };
}

function head(panel, kind, certainty, { onClose, onStep }) {
  return element('header', { class: 'detail-head' },
    element('button', { type: 'button', class: 'handle', 'aria-label': DETAIL.enlarge, click: () => panel.classList.toggle('tall') }),
    symbolElement(kind, certainty, 34),
    element('div', {},
      element('h2', { id: 'detail-title', tabindex: -1 }, KIND[kind] ?? KIND.unknown),
      element('p', { class: 'quiet' }, KIND_HINT[kind] ?? KIND_HINT.unknown)),
    stepButtons(LIST, onStep),
    iconButton(DETAIL.close, 'M6 6l12 12M18 6 6 18', onClose));
}

function body(feature, here, note, { onNear, onStreet, crew, shocks, photos }) {
  const { properties } = feature;
  const { doing, said } = crew(feature);
  return element('div', { class: 'detail-body', tabindex: -1 },
    note ? element('p', { class: 'note', role: 'status' }, note) : null,
    element('div', { class: 'gauges' },
      gauge(DETAIL.severity, decimal(properties.severity), properties.severity / 10, DETAIL.severityWords(properties.severity), kindOf(properties.kind).colour),
      gauge(DETAIL.confidence, percent(properties.confidence), properties.confidence, DETAIL.evidence(properties.hits, properties.passes, properties.devices), 'var(--ink)')),
    verdict(feature),
    doing,
    photos(feature),
    facts(feature, { onNear, onStreet }),
    passes(feature, here, note),
    shocks(feature),
    probabilities(feature.kinds),
    terms(feature),
    reportsNear(feature.reports),
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

function passes({ properties, history, repaired, weeks }, here, note) {
  const colour = kindOf(properties.kind).colour;
  const known = history?.length > 0;
  return element('section', { class: 'history' },
    element('h3', {}, DETAIL.history),
    known ? element('p', { class: 'chart-key' }, swatch('var(--bar)'), DETAIL.passes, swatch(colour), DETAIL.hits) : null,
    known ? historyChart(history, colour, repaired ?? [], weeks ?? []) : element('p', { class: 'quiet' }, here || note ? DETAIL.noHistory : DETAIL.loading));
}

function swatch(colour) {
  return svg('svg', { viewBox: '0 0 10 10', width: 10, height: 10, 'aria-hidden': 'true' }, svg('rect', { width: 10, height: 10, rx: 2, fill: colour }));
}
