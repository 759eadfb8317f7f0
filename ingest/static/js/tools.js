/** What the page can do besides, as far as the server offers it and the caller may: layers, areas, triage, tours, reports, news. */

import { readAddress, writeAddress } from './address.js';
import { areaDrawing } from './area.js';
import { bulkBar } from './bulk.js';
import { deeds } from './deeds.js';
import { apart } from './geometry.js';
import { layerSwitch } from './layer_switch.js';
import { hearChanges } from './live.js';
import { freshTiles } from './map_data.js';
import { modeBar } from './mode_bar.js';
import { photoSlot } from './photos.js';
import { printing } from './printing.js';
import { reportForm } from './report_form.js';
import { mayChange } from './session.js';
import { shockStack } from './stack.js';
import { streetChoice } from './street.js';
import { STREET } from './texts.js';
import { toasts } from './toast.js';
import { tourPane } from './tour_pane.js';
import { triage } from './triage.js';

const MERGE_M = 100; // further apart the server joins nothing

/** Returns {crew, shocks, photos: parts of the panel, alongStreet(feature), took(id, event): whether a click was meant for a tool, moved(), layers(names), closed()}. */
export function tools(map, part, { offers, who, shown, data, bench, hasGround, chosen, onSteered }) {
  const say = toasts(part('toasts'));
  const bar = modeBar(part('mode'));
  const crewed = mayChange(who);
  let merging = null;

  const layers = layerSwitch(map, part('map-buttons'), { names: readAddress().layers, offers, hasGround, onChange: (names) => writeAddress({ layers: names }) });
  const only = (parts) => { shown.change(parts); bench.filters.set(shown.filter()); };
  const area = areaDrawing(map, bar, (ring) => only({ area: ring }));
  const street = streetChoice(map, bar, () => data.held()?.tracks.features ?? [], (line) => { onSteered(); only({ street: line }); });
  bench.onWhere({ draw: () => toggle('area', area), street: () => toggle('street', street), filtered: where });
  where();
  if (offers.sorts.includes('equity')) bench.sheet.sorts(['priority', 'equity', 'severity', 'age'], shown.sort());
  if (offers.changes.includes('assignee') && who.name !== null) bench.filters.assignable();

  const crew = triage({
    offers, who, say,
    near: (feature) => nearby(data.features(), feature),
    onMerging: (callback) => { merging = callback; },
    onSaved: (feature) => { if (chosen().id() === feature.properties.id) chosen().saved(feature); else chosen().open(feature.properties.id, feature); },
    onStale: (id) => { if (chosen().id() === id) chosen().reload(); },
    onDone: data.now,
  });
  const report = offers.has('report') ? reportForm(map, part, { bar, say, onDefect: bench.open }) : null;
  const tour = offers.has('worklist') && crewed ? tourPane(map, part, { bench, bar, offers, say, onSteered }) : null;
  if (crewed && offers.has('bulk')) {
    bench.tickable();
    const doer = deeds({ say, offers, onSaved: () => {}, onStale: () => {}, onConflict: () => {}, onTrouble: say, onDone: data.now });
    bulkBar(part('bulk'), { marks: bench.marks, doer, offers, who, shown: shown.features, onTour: () => bench.sheet.tab('tour') });
  }
  if (offers.has('live')) hearChanges(() => { data.now(); freshTiles(map); }, data.live);
  printing(part('print'), map, { shown, tour: () => tour?.planned() ?? null });

  /** Takes the filter away, or begins to ask for it. */
  function toggle(name, tool) {
    if (shown.filter()[name] === null) return (bench.sheet.lower(), onSteered(), tool.start());
    only({ [name]: null });
    return tool.show(null);
  }

  function where() {
    area.show(shown.filter().area);
    street.show(shown.filter().street);
  }

  /** Only what lies on the street of a defect: its panel makes room for them. */
  function alongStreet({ geometry }) {
    if (street.at(geometry.coordinates)) chosen().close();
    else say(STREET.none);
  }

  /** Whether the click was for a tool that waits for one. */
  function took(id, { lngLat }) {
    const place = [lngLat.lng, lngLat.lat];
    if (area.busy()) area.click(place);
    else if (street.busy()) street.click(place);
    else if (tour?.waits()) tour.click(place);
    else if (report?.waits()) report.click(place);
    else if (merging && id !== null && id !== chosen().id()) merging(id);
    else return false;
    return true;
  }

  return { crew, shocks: shockStack(offers, who), photos: photoSlot({ offers, who, say }), took, moved: layers.moved, layers: (names) => { layers.set(names); where(); }, alongStreet, closed: () => { merging = null; } };
}

function nearby(features, { properties: { id }, geometry }) {
  return features
    .map((feature) => ({ feature, metres: apart(geometry.coordinates, feature.geometry.coordinates) }))
    .filter(({ feature, metres }) => metres <= MERGE_M && feature.properties.id !== id)
    .sort((a, b) => a.metres - b.metres)
    .slice(0, 6);
}
