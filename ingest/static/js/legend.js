/** Legend and filter in one: what the symbols mean is also what can be switched off. */

import { element, stepButtons, svg } from './dom.js';
import { count, percent } from './format.js';
import { CERTAINTIES, KINDS, kindOf } from './kinds.js';
import { symbolElement } from './symbols.js';
import { KIND, KIND_HINT, LEGEND } from './texts.js';

/** Builds the legend into a <details>. onFilter(kinds, least) on a change, onStep(±1) for the one-by-one buttons. Returns {counts(features), filter()}. */
export function legend(details, { onFilter, onStep }) {
  const boxes = new Map(KINDS.map((kind) => [kind.name, kindRow(kind.name, changed)]));
  const slider = element('input', { type: 'range', id: 'least', min: 0, max: 95, step: 5, value: 0, input: changed });
  const least = element('output', { for: 'least' }, LEGEND.any);
  const shown = element('p', { class: 'quiet', role: 'status' });
  const filter = () => ({ kinds: [...boxes].filter(([, row]) => row.box.checked).map(([name]) => name), least: slider.value / 100 });

  function changed() {
    least.textContent = slider.value === '0' ? LEGEND.any : percent(slider.value / 100);
    slider.setAttribute('aria-valuetext', least.textContent);
    onFilter(filter());
  }

  details.append(
    element('summary', {}, LEGEND.title),
    element('div', { class: 'legend-body' },
      element('fieldset', {}, element('legend', {}, LEGEND.kinds), [...boxes.values()].map((row) => row.label)),
      element('div', { class: 'slider' }, element('label', { for: 'least' }, LEGEND.confidence), least, slider),
      element('p', { class: 'certainties' }, CERTAINTIES.map((certainty) => element('span', {}, symbolElement('pothole', certainty.name, 18), LEGEND[certainty.name]))),
      element('p', { class: 'certainties' }, sizes(), LEGEND.harder),
      element('div', { class: 'stepper' }, shown, stepButtons(LEGEND, onStep))));
  details.open = window.matchMedia('(min-width: 720px)').matches;
  return { filter, counts: (features) => tell(boxes, shown, features, filter()) };
}

/** Whether a feature passes {kinds, least}: the same rule as layers.visible draws by. */
export function passes({ kinds, least }, { properties }) {
  return kinds.includes(kindOf(properties.kind).name) && properties.confidence >= least;
}

function kindRow(name, onChange) {
  const box = element('input', { type: 'checkbox', checked: true, change: onChange, 'data-kind': name });
  const number = element('span', { class: 'number' }, '0');
  return { box, number, label: element('label', { class: 'kind', title: KIND_HINT[name] }, box, symbolElement(name), element('span', {}, KIND[name]), number) };
}

function tell(boxes, shown, features, filter) {
  const numbers = new Map(KINDS.map((kind) => [kind.name, 0]));
  for (const { properties } of features) {
    const { name } = kindOf(properties.kind);
    numbers.set(name, numbers.get(name) + 1);
  }
  for (const [name, { number }] of boxes) number.textContent = count(numbers.get(name));
  shown.textContent = LEGEND.shown(features.filter((feature) => passes(filter, feature)).length, features.length);
}

function sizes() {
  const dots = [[6, 2.5], [16, 4], [30, 6]].map(([cx, r]) => svg('circle', { cx, cy: 8, r }));
  return svg('svg', { viewBox: '0 0 38 16', width: 38, height: 16, class: 'sizes', 'aria-hidden': 'true' }, dots);
}
