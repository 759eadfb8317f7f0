/** Numbers, days and times as people write them. Days of the history are UTC days, as the server counts them. */

import { language } from './language.js';

const LANGUAGE = language === 'en' ? 'en-GB' : language;
const COUNT = new Intl.NumberFormat(LANGUAGE);
const KILOMETRES = new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 1 });
const DAY = new Intl.DateTimeFormat(LANGUAGE, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
const AGO = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: 'auto', style: 'short' });
const TIME = new Intl.DateTimeFormat(LANGUAGE, { hour: '2-digit', minute: '2-digit' });

export function count(n) {
  return COUNT.format(n);
}

/** 0..1 as whole per cent; never "100 %", which nobody can know. */
export function percent(share) {
  return `${Math.min(Math.round(share * 100), 99)}\u00a0%`;
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

/** Day and clock of a moment, e.g. "4 May 2026, 12:03". */
export function moment(when) {
  return `${day(when)}, ${time(new Date(when))}`;
}

/** How long ago a day was, in its largest unit, e.g. "3 mo ago". */
export function since(when) {
  const days = (Date.now() - Date.parse(when)) / 86_400_000;
  const [size, unit] = [[365, 'year'], [30, 'month'], [7, 'week'], [1, 'day']].find(([size]) => days >= size) ?? [1, 'day'];
  return AGO.format(-Math.floor(Math.max(days, 0) / size), unit);
}

/** A share that was counted, 0..1, in whole per cent. */
export function share(counted) {
  return `${Math.round(counted * 100)}\u00a0%`;
}

/** A number with so many decimals, e.g. "2.4". */
export function decimal(value, digits = 1) {
  return value.toLocaleString(LANGUAGE, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
