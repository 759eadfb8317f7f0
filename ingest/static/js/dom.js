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

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') node.addEventListener(name, value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? '' : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}
