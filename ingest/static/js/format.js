/** Numbers, days and times as people write them. Days of the history are UTC days, as the server counts them. */

const LANGUAGE = document.documentElement.lang || 'en';
const COUNT = new Intl.NumberFormat(LANGUAGE);
const KILOMETRES = new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 1 });
const DAY = new Intl.DateTimeFormat(LANGUAGE === 'en' ? 'en-GB' : LANGUAGE, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
const TIME = new Intl.DateTimeFormat(LANGUAGE === 'en' ? 'en-GB' : LANGUAGE, { hour: '2-digit', minute: '2-digit' });

export function count(n) {
  return COUNT.format(n);
}

/** 0..1 as whole per cent; never "100 %", which nobody can know. */
export function percent(share) {
  return `${Math.min(Math.round(share * 100), 99)} %`;
}

/** A length in metres, e.g. "13.2 km". */
export function kilometres(metres) {
  return `${KILOMETRES.format(metres / 1000)} km`;
}

/** A day from RFC 3339, a date or milliseconds, e.g. "4 May 2026". */
export function day(when) {
  return DAY.format(new Date(when));
}

/** The clock of a moment, e.g. "12:03". */
export function time(when) {
  return TIME.format(when);
}
