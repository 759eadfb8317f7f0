/**
 * The kinds of defects as they are drawn: a colour and a shape each, so that colour is never the only channel.
 *
 * Colours are of the Okabe-Ito palette, told apart with every common kind of colour blindness. Outlines and
 * pictograms are SVG paths in a box of 32 × 32 around (16, 16); canvas and legend draw the same paths.
 */

export const KINDS = [
  { name: 'pothole', colour: '#d55e00', ink: '#ffffff', outline: circle(12.5), pictogram: 'M8 13h4c1.6 0 1.8 6.5 4 6.500s2.4-6.5 4-6.500h4' },
  { name: 'speed_bump', colour: '#0072b2', ink: '#ffffff', outline: 'M14.2 4.500a2.1 2.1 0 0 1 3.6 0L29.6 25a2.1 2.1 0 0 1-1.8 3.100H4.200A2.1 2.1 0 0 1 2.4 25Z', pictogram: 'M8 23h2.500c2 0 2.5-7 5.5-7s3.5 7 5.5 7H24' },
  { name: 'joint', colour: '#cc79a7', ink: '#1d1420', outline: 'M7.5 4.500h17a3 3 0 0 1 3 3v17a3 3 0 0 1-3 3h-17a3 3 0 0 1-3-3v-17a3 3 0 0 1 3-3Z', pictogram: 'M12.5 9.500v13M19.5 9.500v13M8.5 16h4M19.5 16h4' },
  { name: 'rough', colour: '#e69f00', ink: '#241900', outline: 'M14 3a2.9 2.9 0 0 1 4 0L29 14a2.9 2.9 0 0 1 0 4L18 29a2.9 2.9 0 0 1-4 0L3 18a2.9 2.9 0 0 1 0-4Z', pictogram: 'M7.5 17.500l3.4-4 3.4 5.5 3.4-5.5 3.4 5.5 3.4-4' },
  { name: 'unknown', colour: '#727d8b', ink: '#ffffff', outline: 'M11 4h10a2 2 0 0 1 1.7 1l5 9a4 4 0 0 1 0 4l-5 9a2 2 0 0 1-1.7 1H11a2 2 0 0 1-1.7-1l-5-9a4 4 0 0 1 0-4l5-9A2 2 0 0 1 11 4Z', pictogram: 'M12.8 12.800a3.2 3.2 0 1 1 4.8 2.800c-1.2.7-1.6 1.3-1.6 2.700M16 22v.2' },
];

const BY_NAME = new Map(KINDS.map((kind) => [kind.name, kind]));

/** The drawing of a kind; a kind this page does not know yet (a newer server) is drawn as unknown. */
export function kindOf(name) {
  return BY_NAME.get(name) ?? BY_NAME.get('unknown');
}

/** How sure the server is, in three steps that are drawn differently: filled, paler, hollow. */
export const CERTAINTIES = [
  { name: 'sure', from: 0.9 },
  { name: 'likely', from: 0.6 },
  { name: 'doubtful', from: 0 },
];

/** The step of a confidence 0..1. */
export function certaintyOf(confidence) {
  return CERTAINTIES.find((certainty) => confidence >= certainty.from).name;
}

function circle(radius) {
  return `M${16 - radius} 16a${radius} ${radius} 0 1 0 ${2 * radius} 0a${radius} ${radius} 0 1 0 ${-2 * radius} 0Z`;
}
