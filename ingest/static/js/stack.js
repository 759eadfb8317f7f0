/** The shocks of a defect's passes, one over the other: what every car felt there stands out, what one felt alone fades. */

import { NoAnswer, Refused } from './http.js';
import { waveforms } from './api.js';
import { element, svg } from './dom.js';
import { DETAIL } from './texts.js';

const WIDTH = 320;
const HEIGHT = 120;
const FLOOR = 98; // y of the lowest acceleration
const LEFT = 26;

/** Returns shocks(feature): the nodes for the panel, filled once the server has told. offers: see offered.js; who: see session.js. */
export function shockStack(offers, who) {
  let held = { stamp: null, node: null };

  return function shocks({ properties: { id, hits } }) {
    if (!offers.has('waveforms') || who.name === null) return null;
    const stamp = `${id} ${hits}`;
    if (held.stamp !== stamp) {
      held = { stamp, node: element('section', { class: 'shocks' }, element('h3', {}, DETAIL.shocks), element('p', { class: 'quiet' }, DETAIL.loading)) };
      fill(held.node, id);
    }
    return held.node;
  };
}

async function fill(node, id) {
  try {
    const { metres, waveforms: curves } = await waveforms(id);
    node.lastChild.replaceWith(curves.length ? drawn(metres, curves) : element('p', { class: 'quiet' }, DETAIL.noShocks));
  } catch (error) {
    if (!(error instanceof NoAnswer || error instanceof Refused)) throw error;
    node.lastChild.replaceWith(element('p', { class: 'quiet' }, DETAIL.shocksMissing));
  }
}

function drawn(metres, curves) {
  const most = Math.max(...curves.flat().map(Math.abs), 1);
  const x = (metre) => LEFT + ((metre - metres[0]) / (metres.at(-1) - metres[0])) * (WIDTH - LEFT - 4);
  const y = (value) => (FLOOR / 2) * (1 - value / most) + 4;
  const path = (curve) => curve.map((value, i) => `${i ? 'L' : 'M'}${x(metres[i]).toFixed(1)} ${y(value).toFixed(1)}`).join('');
  const middle = metres.map((_, i) => median(curves.map((curve) => curve[i])));
  const text = (words, attributes) => svg('text', attributes, words);
  return element('figure', {},
    svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'chart', role: 'img', 'aria-label': DETAIL.shocksLabel(curves.length, most) },
      svg('line', { x1: LEFT, x2: WIDTH, y1: y(0), y2: y(0), class: 'chart-axis' }),
      metres[0] <= 0 && metres.at(-1) >= 0 ? svg('line', { x1: x(0), x2: x(0), y1: 4, y2: FLOOR, class: 'chart-grid' }) : null,
      curves.map((curve) => svg('path', { d: path(curve), class: 'shock' })),
      svg('path', { d: path(middle), class: 'shock-middle' }),
      text(`+${most.toFixed(0)}`, { x: LEFT - 5, y: y(most) + 8, 'text-anchor': 'end' }),
      text(`−${most.toFixed(0)}`, { x: LEFT - 5, y: y(-most), 'text-anchor': 'end' }),
      text(`${metres[0].toFixed(0)} m`, { x: LEFT, y: HEIGHT - 4 }),
      text(`${metres.at(-1).toFixed(0)} m`, { x: WIDTH, y: HEIGHT - 4, 'text-anchor': 'end' })),
    element('figcaption', { class: 'quiet' }, DETAIL.shocksHint(curves.length)));
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
