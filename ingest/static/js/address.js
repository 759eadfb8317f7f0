/** What the address says after `#`: everything that is open, chosen and filtered, so that a view can be sent to someone. */

import { filterFrom, filterWords } from './filter.js';
import { ORDERS } from './order.js';

export const LAYER_NAMES = ['streets', 'roughness', 'coverage', 'crossings'];

/** {defect: id or null, map: {zoom, latitude, longitude} or null, filter, sort, layers: names, tab: 'list' or 'tour'}; nonsense is ignored. */
export function readAddress(hash = location.hash) {
  const words = new URLSearchParams(hash.replace(/^#/, ''));
  return {
    defect: words.get('defect') || null,
    map: position(words.get('map')),
    filter: filterFrom(words),
    sort: ORDERS.includes(words.get('sort')) ? words.get('sort') : 'priority',
    layers: words.has('layers') ? words.get('layers').split(',').filter((name) => LAYER_NAMES.includes(name)) : ['streets'],
    tab: words.get('tab') === 'tour' ? 'tour' : 'list',
  };
}

/** Writes some parts, leaving the others as they are; null removes. Makes no entry in the browser's history. */
export function writeAddress(parts) {
  const wanted = { ...readAddress(), ...parts };
  const words = Object.entries({
    ...(wanted.defect && { defect: wanted.defect }),
    ...(wanted.map && { map: `${wanted.map.zoom.toFixed(2)}/${wanted.map.latitude.toFixed(5)}/${wanted.map.longitude.toFixed(5)}` }),
    ...filterWords(wanted.filter),
    ...(wanted.sort !== 'priority' && { sort: wanted.sort }),
    ...(wanted.layers.join() !== 'streets' && { layers: wanted.layers.join(',') }),
    ...(wanted.tab !== 'list' && { tab: wanted.tab }),
  }).map(([name, word]) => `${name}=${encodeURIComponent(word).replaceAll('%2C', ',').replaceAll('%2F', '/').replaceAll('%3B', ';')}`);
  const hash = words.length ? `#${words.join('&')}` : '';
  if (hash !== location.hash) history.replaceState(null, '', hash || location.pathname + location.search);
}

function position(text) {
  const [zoom, latitude, longitude] = (text ?? '').split('/').map(Number.parseFloat);
  const usable = zoom >= 0 && zoom <= 24 && Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
  return usable ? { zoom, latitude, longitude } : null;
}
