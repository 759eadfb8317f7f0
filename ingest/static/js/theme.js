/** Colours of what is drawn on the map, by day and by night. The page's own colours are in css/theme.css. */

const LIGHT = {
  ground: '#eeece6', casing: '#d3cfc4', quiet: '#faf9f6', busy: '#fadf95',
  symbolEdge: '#ffffff', arrow: '#1f2a37', arrowEdge: '#ffffff',
};

const DARK = {
  ground: '#14191f', casing: '#0c1014', quiet: '#343c46', busy: '#7d7050',
  symbolEdge: '#ffffff', arrow: '#f2f4f7', arrowEdge: '#14191f',
};

const prefersDark = window.matchMedia('(prefers-color-scheme: dark)');

export function theme() {
  return prefersDark.matches ? DARK : LIGHT;
}

export function onThemeChange(listener) {
  prefersDark.addEventListener('change', listener);
}
