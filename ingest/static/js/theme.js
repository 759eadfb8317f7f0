/** Colours of what is drawn on the map, by day and by night. The page's own colours are in css/theme.css. */

const LIGHT = {
  ground: '#eeece6', casing: '#d3cfc4', quiet: '#faf9f6', busy: '#fbe3a0',
  ink: '#1f2a37', symbolEdge: '#ffffff', halo: '#1f2a37',
};

const DARK = {
  ground: '#14191f', casing: '#0c1014', quiet: '#2a313a', busy: '#6d6547',
  ink: '#f2f4f7', symbolEdge: '#0e1216', halo: '#f2f4f7',
};

const prefersDark = window.matchMedia('(prefers-color-scheme: dark)');

export function theme() {
  return prefersDark.matches ? DARK : LIGHT;
}

export function onThemeChange(listener) {
  prefersDark.addEventListener('change', listener);
}
