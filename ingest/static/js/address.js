/** What the address says after `#`: `defect=<id>` and `map=<zoom>/<latitude>/<longitude>`, so that a view can be sent to someone. */

/** {defect: id or null, map: {zoom, latitude, longitude} or null}; nonsense is ignored. */
export function readAddress(hash = location.hash) {
  const words = new URLSearchParams(hash.replace(/^#/, ''));
  return { defect: words.get('defect') || null, map: position(words.get('map')) };
}

/** Writes one or both parts, leaving the other as it is; null removes. Makes no entry in the browser's history. */
export function writeAddress(parts) {
  const wanted = { ...readAddress(), ...parts };
  const words = [];
  if (wanted.defect) words.push(`defect=${encodeURIComponent(wanted.defect)}`);
  if (wanted.map) words.push(`map=${wanted.map.zoom.toFixed(2)}/${wanted.map.latitude.toFixed(5)}/${wanted.map.longitude.toFixed(5)}`);
  const hash = words.length ? `#${words.join('&')}` : '';
  if (hash !== location.hash) history.replaceState(null, '', hash || location.pathname + location.search);
}

function position(text) {
  const [zoom, latitude, longitude] = (text ?? '').split('/').map(Number.parseFloat);
  const usable = zoom >= 0 && zoom <= 24 && Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
  return usable ? { zoom, latitude, longitude } : null;
}
