/** The history of a defect as small bars: a bar a day (or several days, where there are many), the passes that felt it in colour, repairs as flags. */

import { svg } from './dom.js';
import { count, day } from './format.js';
import { DETAIL } from './texts.js';

const DAY_MS = 86_400_000;
const MOST_BARS = 42;
const WIDTH = 320;
const HEIGHT = 104;
const FLOOR = 84; // y of the axis
const LEFT = 24; // room for the figure at the axis
const WIDEST_BAR = 16;

/** An SVG of history [{time, passes, hits}], hits in `colour`; repaired: the days on which it was marked so; weeks: [{week, passes, hits}], drawn where there are many. */
export function historyChart(days, colour, repaired = [], weeks = []) {
  const weekly = weeks.length > MOST_BARS / 7;
  const history = weekly ? weeks.map(({ week, ...counts }) => ({ time: week, ...counts })) : days;
  const bars = binned(history, weekly ? 7 : 1);
  const most = Math.max(...bars.map((bar) => bar.passes), 1);
  const step = Math.min((WIDTH - LEFT) / bars.length, WIDEST_BAR * 1.4);
  const total = (name) => bars.reduce((sum, bar) => sum + bar[name], 0);
  const label = DETAIL.chart(new Set(history.map((entry) => entry.time)).size, total('passes'), total('hits'));
  return svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'chart', role: 'img', 'aria-label': label },
    axis(most), bars.map((bar, i) => column(bar, LEFT + i * step, step, most, colour)), repaired.map((at) => repair(at, bars, step)), ends(bars, step));
}

/** A line through the day of a repair: what is right of it says whether it holds. */
function repair(at, bars, step) {
  const index = bars.findIndex(({ to }) => to + DAY_MS > Date.parse(at));
  const x = LEFT + (index < 0 ? bars.length : index) * step;
  return svg('g', { class: 'chart-repair' },
    svg('title', {}, DETAIL.repairedOn(at)),
    svg('line', { x1: x, x2: x, y1: 4, y2: FLOOR }),
    svg('path', { d: `M${x} 4l7 4-7 4Z` }));
}

function axis(most) {
  const top = y(most, most);
  return [
    svg('line', { x1: LEFT, x2: WIDTH, y1: top, y2: top, class: 'chart-grid' }),
    svg('line', { x1: LEFT, x2: WIDTH, y1: FLOOR, y2: FLOOR, class: 'chart-axis' }),
    svg('text', { x: LEFT - 6, y: top + 4, 'text-anchor': 'end' }, count(most)),
    svg('text', { x: LEFT - 6, y: FLOOR + 3, 'text-anchor': 'end' }, '0'),
  ];
}

function column(bar, x, step, most, colour) {
  const width = Math.max(step * 0.72, 1.5);
  const part = (value, attributes) => svg('rect', { x, width, y: y(value, most), height: FLOOR - y(value, most), rx: Math.min(1.5, width / 3), ...attributes });
  return svg('g', {},
    svg('title', {}, DETAIL.bar(bar.from, bar.to, bar.passes, bar.hits)),
    part(bar.passes, { class: 'chart-passes' }),
    bar.hits > 0 ? part(bar.hits, { fill: colour, class: 'chart-hits' }) : null);
}

function ends(bars, step) {
  const first = svg('text', { x: LEFT, y: HEIGHT - 4 }, day(bars[0].from));
  const right = LEFT + bars.length * step;
  if (bars.length < 2 || right - LEFT < 190) return [bars.length < 2 ? first : svg('text', { x: LEFT, y: HEIGHT - 4 }, `${day(bars[0].from)} – ${day(bars.at(-1).to)}`)];
  return [first, svg('text', { x: right, y: HEIGHT - 4, 'text-anchor': 'end' }, day(bars.at(-1).to))];
}

function y(value, most) {
  return FLOOR - (value / most) * (FLOOR - 10);
}

/** One entry a bar, without gaps in time: {from, to: milliseconds, passes, hits}. */
function binned(history, unit) {
  const times = history.map((entry) => Math.floor(Date.parse(entry.time) / DAY_MS));
  const first = Math.min(...times);
  const days = Math.max(...times) - first + 1;
  const span = Math.ceil(days / (MOST_BARS * unit)) * unit; // of a bar, days
  const bars = Array.from({ length: Math.ceil(days / span) }, (_, i) => {
    const from = (first + i * span) * DAY_MS;
    return { from, to: from + (span - 1) * DAY_MS, passes: 0, hits: 0 };
  });
  history.forEach((entry, i) => {
    const bar = bars[Math.floor((times[i] - first) / span)];
    bar.passes += entry.passes;
    bar.hits += entry.hits;
  });
  return bars;
}
