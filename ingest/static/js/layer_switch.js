/** The button that shows what else the map knows: roughness, where we cannot know, crossings. */

import { LAYER_NAMES } from './address.js';
import { element, icon } from './dom.js';
import { percent } from './format.js';
import { colourStreets, put, seen } from './map_data.js';
import { popup, viewOf } from './map_view.js';
import { grown, within } from './geometry.js';
import { pages } from './paging.js';
import { CROSSING, LAYERS } from './texts.js';

const OF = { streets: ['street', 'street-casing'], coverage: ['unknown', 'coverage'], crossings: ['crossings'] };
const STACK = 'm12 3 9 5-9 5-9-5 9-5ZM3 12.500l9 5 9-5M3 17l9 5 9-5';

/**
 * Fills `box` with a button and its choices. names: those on at first; hasGround: whether a background lies below; onChange(names).
 * Returns {set(names), moved()}.
 */
export function layerSwitch(map, box, { names, offers, hasGround, onChange }) {
  let on = new Set(names);
  const fetched = {};
  const inputs = new Map(LAYER_NAMES.filter((name) => name === 'streets' || name === 'roughness' || offers.has(name)).map((name) => [name, tick(name)]));
  const choices = element('fieldset', { id: 'layer-choices', class: 'card popover', hidden: true }, element('legend', {}, LAYERS.title), [...inputs.values()].map(({ label }) => label), keys());
  const button = element('button', { type: 'button', class: 'icon-button raised', 'aria-expanded': 'false', 'aria-controls': 'layer-choices', 'aria-label': LAYERS.title, title: LAYERS.title, click: () => open(choices.hidden) }, icon(STACK));
  box.prepend(choices, button);
  box.addEventListener('keydown', (event) => { if (event.key === 'Escape' && !choices.hidden) { event.stopPropagation(); open(false); button.focus(); } });
  document.addEventListener('pointerdown', ({ target }) => { if (!box.contains(target)) open(false); });
  map.on('click', 'crossings', ({ features, lngLat }) => popup(map, lngLat, tellCrossing(features[0].properties)));
  apply();

  function tick(name) {
    const input = element('input', { type: 'checkbox', name, checked: on.has(name), change: () => { on[input.checked ? 'add' : 'delete'](name); apply(); onChange(LAYER_NAMES.filter((each) => on.has(each))); } });
    return { input, label: element('label', { class: 'tick' }, input, element('span', {}, LAYERS[name], element('small', {}, LAYERS.hint[name]))) };
  }

  function open(wanted) {
    choices.hidden = !wanted;
    button.setAttribute('aria-expanded', String(wanted));
  }

  function apply() {
    for (const [name, { input }] of inputs) input.checked = on.has(name);
    seen(map, OF.streets, (on.has('streets') && !hasGround) || on.has('roughness'));
    colourStreets(map, { by: on.has('roughness') ? 'roughness' : 'passes' });
    for (const name of ['coverage', 'crossings']) seen(map, OF[name], on.has(name));
    choices.querySelector('.key-roughness').hidden = !on.has('roughness');
    choices.querySelector('.key-coverage').hidden = !on.has('coverage');
    load();
  }

  /** Fetches what is switched on, for the view and its surroundings. */
  async function load() {
    for (const name of ['coverage', 'crossings']) {
      const view = viewOf(map);
      if (!on.has(name) || !inputs.has(name) || (fetched[name] && within(view, fetched[name]))) continue;
      fetched[name] = grown(view, 1);
      const { features } = await pages(`v1/${name}`, fetched[name], {}).catch(() => { fetched[name] = null; return { features: [] }; });
      if (fetched[name]) put(map, name, features);
    }
  }

  return { set: (wanted) => { on = new Set(wanted); apply(); }, moved: load };
}

function keys() {
  return [
    element('p', { class: 'key key-roughness', hidden: true }, element('span', { class: 'ramp roughness-ramp' }), element('span', {}, LAYERS.smooth), element('span', {}, LAYERS.rough)),
    element('p', { class: 'key key-coverage', hidden: true }, element('span', { class: 'ramp coverage-ramp' }), element('span', {}, LAYERS.few), element('span', {}, LAYERS.many), element('span', { class: 'wide' }, element('i', { class: 'hatch' }), LAYERS.unknown)),
  ];
}

function tellCrossing({ arms, devices, approaches, braking, low, high }) {
  return element('div', { class: 'crossing' },
    element('strong', {}, CROSSING.title(arms)),
    element('p', {}, CROSSING.braking(percent(braking), percent(low), percent(high))),
    element('p', { class: 'quiet' }, CROSSING.from(approaches, devices)));
}
