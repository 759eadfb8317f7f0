/** Legend and filter in one: what the symbols mean is also what can be switched off. */

import { choice, element, svg } from './dom.js';
import { AGES, ASSIGNED, EVERYTHING, STATUSES, strictness } from './filter.js';
import { count, percent } from './format.js';
import { CERTAINTIES, KINDS, kindOf } from './kinds.js';
import { symbolElement } from './symbols.js';
import { FILTER, KIND, KIND_HINT, STATUS } from './texts.js';

/**
 * Builds the form into a <details>. onFilter(changed parts) on a change; onDraw(): somebody wants to draw an area, onStreet(): to choose a street; or no longer.
 * Returns {set(filter), counts(features), assignable()}: set shows a filter that came from elsewhere.
 */
export function filterForm(details, { onFilter, onDraw, onStreet }) {
  const kinds = ticks(KINDS.map(({ name }) => name), 'kind', (name) => [symbolElement(name), element('span', {}, KIND[name])], (names) => onFilter({ kinds: names }), KIND_HINT);
  const statuses = ticks(STATUSES, 'status', (name) => [element('span', {}, STATUS[name])], (names) => onFilter({ statuses: names }));
  const least = slider('least', FILTER.confidence, 0, 95, 5, (value) => (value ? percent(value / 100) : FILTER.any), (value) => onFilter({ least: value / 100 }));
  const severity = slider('hardest', FILTER.severity, 0, 8, 0.5, (value) => (value ? FILTER.from(value) : FILTER.any), (value) => onFilter({ severity: value }));
  const age = picked('age', FILTER.age, ['', ...Object.keys(AGES)], FILTER.ages, (value) => onFilter({ age: value }));
  const assigned = picked('assigned', FILTER.assigned, ['', ...ASSIGNED], FILTER.assignees, (value) => onFilter({ assigned: value }));
  const area = element('button', { type: 'button', class: 'button plain small', id: 'draw-area', click: onDraw }, FILTER.draw);
  const street = element('button', { type: 'button', class: 'button plain small', id: 'choose-street', click: onStreet }, FILTER.street);
  const all = element('button', { type: 'button', class: 'button plain small', id: 'show-all', click: () => onFilter({ ...EVERYTHING }) }, FILTER.all);
  const badge = element('span', { class: 'badge', hidden: true });
  assigned.row.hidden = true;
  details.append(
    element('summary', {}, element('span', {}, FILTER.title), badge),
    element('div', { class: 'legend-body' },
      kinds.group(FILTER.kinds), statuses.group(FILTER.statuses),
      least.row, severity.row, age.row, assigned.row,
      element('div', { class: 'filter-buttons' }, street, area, all),
      element('p', { class: 'certainties' }, CERTAINTIES.map((certainty) => element('span', {}, symbolElement('pothole', certainty.name, 18), FILTER[certainty.name])), element('span', {}, sizes(), FILTER.harder))));

  function set(filter) {
    kinds.set(filter.kinds);
    statuses.set(filter.statuses);
    least.set(filter.least * 100);
    severity.set(filter.severity);
    age.set(filter.age);
    assigned.set(filter.assigned);
    area.textContent = filter.area ? FILTER.eraseArea : FILTER.draw;
    street.textContent = filter.street ? FILTER.eraseStreet : FILTER.street;
    const strict = strictness(filter);
    badge.hidden = strict === 0;
    badge.textContent = FILTER.strict(strict);
  }

  return { set, counts: (features) => kinds.counts(features, ({ kind }) => kindOf(kind).name) || statuses.counts(features, ({ status }) => status), assignable: () => { assigned.row.hidden = false; } };
}

function ticks(names, what, face, onChange, hints = {}) {
  const rows = new Map(names.map((name) => [name, row(name)]));
  function row(name) {
    const box = element('input', { type: 'checkbox', checked: true, [`data-${what}`]: name, change: () => {
      const on = names.filter((each) => rows.get(each).box.checked);
      onChange(on.length === names.length ? null : on);
    } });
    const number = element('span', { class: 'number' }, '0');
    return { box, number, label: element('label', { class: what, title: hints[name] }, box, face(name), number) };
  }
  return {
    group: (title) => element('fieldset', { class: `${what}s` }, element('legend', {}, title), [...rows.values()].map(({ label }) => label)),
    set: (on) => { for (const [name, { box }] of rows) box.checked = on === null || on.includes(name); },
    counts(features, nameOf) {
      const numbers = new Map(names.map((name) => [name, 0]));
      for (const { properties } of features) numbers.set(nameOf(properties), (numbers.get(nameOf(properties)) ?? 0) + 1);
      for (const [name, { number }] of rows) number.textContent = count(numbers.get(name));
    },
  };
}

function slider(id, title, min, max, step, words, onChange) {
  const output = element('output', { for: id });
  const input = element('input', { type: 'range', id, min, max, step, value: 0, input: () => { tell(); onChange(Number(input.value)); } });
  function tell() {
    output.textContent = words(Number(input.value));
    input.setAttribute('aria-valuetext', output.textContent);
  }
  tell();
  return { row: element('div', { class: 'slider' }, element('label', { for: id }, title), output, input), set: (value) => { input.value = value; tell(); } };
}

function picked(id, title, values, words, onChange) {
  const select = choice({ id, change: () => onChange(select.value) }, values.map((value) => [value, value ? words[value] : FILTER.any]));
  return { row: element('div', { class: 'picked' }, element('label', { for: id }, title), select), set: (value) => { select.value = value; } };
}

function sizes() {
  const dots = [[6, 2.5], [16, 4], [30, 6]].map(([cx, r]) => svg('circle', { cx, cy: 8, r }));
  return svg('svg', { viewBox: '0 0 38 16', width: 38, height: 16, class: 'sizes', 'aria-hidden': 'true' }, dots);
}
