/** Small geometry on the sphere, good to centimetres over the few metres of a position's radius. Positions are [longitude, latitude]. */

const METRES_PER_DEGREE = 111_320; // of latitude, WGS 84 mean

/** A ring of points at radius metres around a position, closed. */
export function ring([longitude, latitude], radius, points = 64) {
  const north = radius / METRES_PER_DEGREE;
  const east = north / Math.max(Math.cos((latitude * Math.PI) / 180), 1e-6);
  return Array.from({ length: points + 1 }, (_, i) => {
    const angle = (2 * Math.PI * i) / points;
    return [longitude + east * Math.sin(angle), latitude + north * Math.cos(angle)];
  });
}

/** [west, south, east, north] of GeoJSON features of points and lines; null where there are none. */
export function boundsOf(features) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { geometry } of features) {
    for (const [x, y] of positions(geometry)) {
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    }
  }
  return box[0] <= box[2] ? box : null;
}

/** Metres along GeoJSON lines, all together. */
export function lengthOf(features) {
  return features.reduce((sum, { geometry }) => sum + lineLength(positions(geometry)), 0);
}

/** How large a box is, in square degrees: to compare boxes of one place. */
export function sizeOf([west, south, east, north]) {
  return (east - west) * (north - south);
}

/** Whether box a lies wholly in box b. */
export function within(a, b) {
  return a[0] >= b[0] && a[1] >= b[1] && a[2] <= b[2] && a[3] <= b[3];
}

/** A box grown on each side by a share of its size, kept on the globe. */
export function grown([west, south, east, north], share) {
  const [dx, dy] = [(east - west) * share, (north - south) * share];
  return [Math.max(west - dx, -180), Math.max(south - dy, -90), Math.min(east + dx, 180), Math.min(north + dy, 90)];
}

function lineLength(line) {
  let sum = 0;
  for (let i = 1; i < line.length; i += 1) {
    const shrink = Math.cos((line[i][1] * Math.PI) / 180);
    sum += METRES_PER_DEGREE * Math.hypot((line[i][0] - line[i - 1][0]) * shrink, line[i][1] - line[i - 1][1]);
  }
  return sum;
}

function positions(geometry) {
  if (geometry?.type === 'Point') return [geometry.coordinates];
  if (geometry?.type === 'LineString') return geometry.coordinates;
  return geometry?.type === 'MultiLineString' ? geometry.coordinates.flat() : [];
}

/** Whether a position lies inside a ring (open or closed), by the even-odd rule. */
export function inside([x, y], ring) {
  let odd = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [[ax, ay], [bx, by]] = [ring[i], ring[j]];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd;
  }
  return odd;
}

/** Degrees clockwise from north, of the way from one position to another near it. */
export function bearingOf([ax, ay], [bx, by]) {
  const shrink = Math.cos((ay * Math.PI) / 180);
  return (Math.atan2((bx - ax) * shrink, by - ay) * 180) / Math.PI;
}

/** Metres from a line to a position near it. */
export function metresFrom(line, [x, y]) {
  const shrink = Math.cos((y * Math.PI) / 180);
  let least = Infinity;
  for (let i = 1; i < line.length; i += 1) {
    const [ax, ay] = [(line[i - 1][0] - x) * shrink, line[i - 1][1] - y];
    const [dx, dy] = [(line[i][0] - x) * shrink - ax, line[i][1] - y - ay];
    const along = Math.min(Math.max(-(ax * dx + ay * dy) / (dx * dx + dy * dy || 1), 0), 1);
    least = Math.min(least, Math.hypot(ax + along * dx, ay + along * dy));
  }
  return METRES_PER_DEGREE * least;
}

/** Metres between two positions that are near each other. */
export function apart(a, b) {
  return lineLength([a, b]);
}
