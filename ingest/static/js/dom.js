/** Making elements. Text from data enters the page only here and only as text, never as HTML. */

const SVG = 'http://www.w3.org/2000/svg';

/**
 * A new HTML element. attributes: name → value; `class`, `aria-…` and all others by setAttribute, functions as
 * listeners of the event named, null and false left out. children: nodes, or anything else as text.
 */
export function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** The same for SVG. */
export function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

/** A square button with a stroked icon (a path in a box of 24 × 24), named by words for those who do not see it. */
export function iconButton(words, path, onClick) {
  return element('button', { type: 'button', class: 'icon-button', 'aria-label': words, title: words, click: onClick }, icon(path));
}

/** A stroked icon, a path in a box of 24 × 24; hidden from who does not see it. */
export function icon(path, size = 20) {
  return svg('svg', { viewBox: '0 0 24 24', width: size, height: size, 'aria-hidden': 'true' }, svg('path', { d: path, class: 'stroke' }));
}

/** A select of [value, words] pairs. */
export function choice(attributes, pairs) {
  return element('select', attributes, pairs.map(([value, words]) => element('option', { value }, words)));
}

/** Buttons for the one before and the one after; words: {previous, next}; onStep(-1 or 1). */
export function stepButtons(words, onStep) {
  return [iconButton(words.previous, 'M15 5l-7 7 7 7', () => onStep(-1)), iconButton(words.next, 'M9 5l7 7-7 7', () => onStep(1))];
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') node.addEventListener(name, value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? '' : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}
