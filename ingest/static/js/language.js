/** Which language the page speaks: `?lang=` of the address, else what was chosen here before, else the browser's. */

export const LANGUAGES = { en: 'English', fr: 'Français' };
const KEY = 'cahot.language';

export const language = chosen();
document.documentElement.lang = language;

/** Speaks another language from now on. What is open stays, for it is in the address. */
export function speak(name) {
  try {
    localStorage.setItem(KEY, name);
  } catch {
    // a browser that keeps nothing: the address says it
  }
  const url = new URL(location.href);
  url.searchParams.set('lang', name);
  history.replaceState(null, '', url);
  location.reload();
}

function chosen() {
  const asked = new URLSearchParams(location.search).get('lang');
  const known = [asked, remembered(), ...navigator.languages.map((tag) => tag.slice(0, 2))];
  return known.find((name) => Object.hasOwn(LANGUAGES, name ?? '')) ?? 'en';
}

function remembered() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
