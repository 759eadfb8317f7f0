/**
 * The words of the language that is spoken: `texts/en.js` or `texts/fr.js`, which have the same names.
 *
 * Sentences are functions of their figures: languages differ in order and in plurals, not only in words.
 */

import { language } from './language.js';

const words = language === 'fr' ? await import('./texts/fr.js') : await import('./texts/en.js');

export const { AREA, CROSSING, DETAIL, FILTER, KIND, KIND_HINT, LAYERS, LIST, MAP, PHOTO, PRINT, REPORT, SEARCH, SESSION, SIGN_IN, STATE, STATUS, STREET, TERMS, TOUR, TRIAGE } = words;
