/** The pictures of the map: each kind in three certainties, and the arrow of a direction. Drawn on a canvas, so no sprite file. */

import { svg } from './dom.js';
import { CERTAINTIES, KINDS, kindOf } from './kinds.js';

const BOX = 32;
const SCALE = 3; // drawn at three times its size, so that it stays sharp on dense screens and when enlarged
export const READ_BACK = { willReadFrequently: true }; // else it is drawn on the graphics card, from which each picture is fetched slowly

/** Adds (or, after a change of theme, redraws) every picture. theme: see theme.js. */
export function addSymbols(map, theme) {
  for (const kind of KINDS) {
    for (const certainty of CERTAINTIES) put(map, symbolName(kind.name, certainty.name), drawn(BOX, (c) => drawSymbol(c, kind, certainty.name, theme)));
  }
  put(map, 'direction', drawn(64, (c) => drawDirection(c, theme)));
  put(map, 'approach', drawn(136, (c) => drawApproach(c, theme)));
}

/** The picture of a kind at a certainty, e.g. `pothole/sure`. */
export function symbolName(kind, certainty) {
  return `${kind}/${certainty}`;
}

/** The same symbol as an SVG element for the legend and the panel. */
export function symbolElement(kindName, certainty = 'sure', size = 22) {
  const kind = kindOf(kindName);
  const hollow = certainty === 'doubtful';
  return svg('svg', { viewBox: '0 0 32 32', width: size, height: size, class: `symbol ${certainty}`, 'aria-hidden': 'true' },
    svg('path', { d: kind.outline, fill: hollow ? '#ffffff' : kind.colour, stroke: hollow ? kind.colour : 'none', 'stroke-width': 2.5 }),
    svg('path', { d: kind.pictogram, fill: 'none', stroke: hollow ? kind.colour : kind.ink, 'stroke-width': 2.4, 'stroke-linecap': 'round', 'stroke-linejoin': 'round' }));
}

function drawSymbol(c, kind, certainty, theme) {
  const hollow = certainty === 'doubtful';
  const outline = new Path2D(kind.outline);
  c.lineJoin = c.lineCap = 'round';
  c.lineWidth = hollow ? 5.5 : 3;
  c.strokeStyle = theme.symbolEdge;
  c.stroke(outline);
  c.fillStyle = hollow ? theme.symbolEdge : kind.colour;
  c.fill(outline);
  if (hollow) stroke(c, outline, kind.colour, 2.4);
  stroke(c, new Path2D(kind.pictogram), hollow ? kind.colour : kind.ink, 2.4);
}

/** A small wedge above the centre: turned by the heading, it sits on the side towards which the cars drive. */
function drawDirection(c, theme) {
  const wedge = new Path2D('M25.5 14.5 32 7l6.5 7.500Z');
  stroke(c, wedge, theme.arrowEdge, 3.5);
  c.fillStyle = theme.arrow;
  c.fill(wedge);
}

/** A long arrow that leaves the centre free: how the cars come to the selected defect, and where they go. */
function drawApproach(c, theme) {
  const shaft = new Path2D('M68 130V94M68 42V12');
  const head = new Path2D('M57 22 68 8 79 22');
  c.lineCap = c.lineJoin = 'round';
  for (const path of [shaft, head]) stroke(c, path, theme.arrowEdge, 9);
  for (const path of [shaft, head]) stroke(c, path, theme.arrow, 4);
}

function stroke(c, path, colour, width) {
  c.lineCap = c.lineJoin = 'round';
  c.lineWidth = width;
  c.strokeStyle = colour;
  c.stroke(path);
}

function drawn(size, draw) {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = size * SCALE;
  const context = canvas.getContext('2d', READ_BACK);
  context.scale(SCALE, SCALE);
  draw(context);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

function put(map, name, image) {
  if (map.hasImage(name)) map.updateImage(name, image);
  else map.addImage(name, image, { pixelRatio: SCALE });
}
