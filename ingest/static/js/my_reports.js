/** What became of the reports that were sent from this browser: their receipts are kept here and nowhere else. */

import { element } from './dom.js';
import { day } from './format.js';
import { get, NoAnswer, Refused } from './http.js';
import { KIND, REPORT } from './texts.js';

const KEY = 'cahot.reports';
const MOST = 20;

/** Keeps a report's receipt. */
export function remember({ report_id: id, receipt }) {
  if (!receipt) return;
  try {
    localStorage.setItem(KEY, JSON.stringify([{ id, receipt }, ...kept()].slice(0, MOST)));
  } catch {
    // a browser that keeps nothing: the reporter was told the number
  }
}

/** Fills `box` with what the server says of each; onDefect(id): somebody wants to see the defect that one is of. */
export async function tellMine(box, onDefect) {
  const told = await Promise.all(kept().map(({ id, receipt }) => state(id, receipt)));
  const known = told.filter((one) => one !== null);
  box.replaceChildren(...(known.length ? [element('h3', {}, REPORT.mine), element('ul', {}, known.map((one) => row(one, onDefect)))] : []));
}

function row({ kind, time, status, answer, defect_id: defect }, onDefect) {
  return element('li', {},
    element('span', {}, `${KIND[kind] ?? REPORT.kinds[kind] ?? kind}, ${day(time)}: `, element('strong', {}, REPORT.status[status] ?? status)), ' ',
    defect ? element('button', { type: 'button', class: 'link', click: () => onDefect(defect) }, REPORT.see) : null,
    answer ? element('p', { class: 'said' }, answer) : null);
}

async function state(id, receipt) {
  try {
    return (await get(`v1/reports/${encodeURIComponent(id)}`, undefined, { 'Report-Receipt': receipt })).value;
  } catch (error) {
    if (error instanceof NoAnswer || error instanceof Refused) return null;
    throw error;
  }
}

function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? [];
  } catch {
    return [];
  }
}
