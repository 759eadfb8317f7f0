/** Long answers, page by page: FeatureCollections of a box, as far as they are wanted. */

import { get } from './http.js';

const PAGE = 1000; // features asked for at once

/** The whole world: how the page begins, and stays where all there is fits into a few answers. */
export const WORLD = [-180, -90, 180, 90];
const MOST_PAGES = { world: 3, view: 5 }; // more is cut off; `complete` says so

/**
 * All pages of a collection in a box: {features, head: the first page without its features, complete (null: more is on its way), stamp}.
 * words: further parameters. previous: an earlier result, returned itself when nothing changed, so that the caller need not
 * redraw. onPart(result): told after the first page where more follow, so that something is seen at once; may resolve to go on later.
 */
export async function pages(path, box, words, previous, signal, onPart = () => {}) {
  const got = [];
  const most = box === WORLD ? MOST_PAGES.world : MOST_PAGES.view;
  let cursor = null;
  do {
    const query = new URLSearchParams({ bbox: box.map(degrees).join(','), limit: PAGE, ...words, ...(cursor === null ? {} : { cursor }) });
    got.push(await get(`${path}?${query}`, signal));
    cursor = got.at(-1).value.next ?? null;
    if (got.length === 1 && cursor !== null) await onPart(resultOf(path, got, null));
  } while (cursor !== null && got.length < most);
  const result = resultOf(path, got, cursor === null);
  return previous?.stamp === result.stamp ? previous : result;
}

function resultOf(path, got, complete) {
  const { features: _, ...head } = got[0].value;
  const features = got.length === 1 ? got[0].value.features : got.flatMap(({ value }) => value.features);
  return { features, head, complete, stamp: [path, complete, ...got.map(({ stamp }) => stamp)].join('\n') };
}

function degrees(value) {
  return Number(value.toFixed(6));
}
