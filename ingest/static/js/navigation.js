/**
 * Ways to be led to a place. The one module that names other hosts: a person follows these links, the page itself asks nobody.
 *
 * geo: opens whatever the phone has (RFC 5870); the others are of companies and are said by name.
 */

/** [{name, href}, …], geo: first; degrees. */
export function linksTo(latitude, longitude) {
  const place = `${latitude.toFixed(6)},${longitude.toFixed(6)}`;
  return [
    { name: 'geo:', href: `geo:${place}` },
    { name: 'OpenStreetMap', href: `https://www.openstreetmap.org/directions?to=${place}` },
    { name: 'Google Maps', href: `https://www.google.com/maps/dir/?api=1&destination=${place}` },
    { name: 'Apple Maps', href: `https://maps.apple.com/?daddr=${place}` },
    { name: 'Waze', href: `https://waze.com/ul?ll=${place}&navigate=yes` },
  ];
}
