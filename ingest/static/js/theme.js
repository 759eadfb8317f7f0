/** Colours of what is drawn on the map, by day and by night. The page's own colours are in css/theme.css. */

const LIGHT = {
  ground: '#eeece6', casing: '#d3cfc4', quiet: '#faf9f6', busy: '#fadf95',
  symbolEdge: '#ffffff', arrow: '#1f2a37', arrowEdge: '#ffffff',
  roughness: ['#f7f4ea', '#f2c879', '#d97f3b', '#9c2f2f'], unknown: '#c9c4b8', few: '#a9cfe8', many: '#2f7fb5', tour: ['#0b5c95', '#8a3ffc', '#00705c', '#a63a00', '#9f1853', '#555d66'],
};

const DARK = {
  ground: '#14191f', casing: '#0c1014', quiet: '#343c46', busy: '#7d7050',
  symbolEdge: '#ffffff', arrow: '#f2f4f7', arrowEdge: '#14191f',
  roughness: ['#3c434c', '#8a6a34', '#c26a2c', '#f0625a'], unknown: '#2b333d', few: '#2d5570', many: '#63b3e6', tour: ['#6db8ee', '#be95ff', '#3ddbb0', '#ffa26b', '#ff7eb6', '#c1c7cd'],
};

const prefersDark = window.matchMedia('(prefers-color-scheme: dark)');

export function theme() {
  return prefersDark.matches ? DARK : LIGHT;
}

export function onThemeChange(listener) {
  prefersDark.addEventListener('change', listener);
}
