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
import { toasts } from './toast.js';
import { tourPane } from './tour_pane.js';
import { triage } from './triage.js';

const MERGE_M = 100; // further apart the server joins nothing

/** Returns {crew, shocks, photos: parts of the panel, took(id, event): whether a click was meant for a tool, moved(), layers(names), closed()}. */
export function tools(map, part, { offers, who, shown, data, bench, hasGround, chosen, onSteered }) {
  const say = toasts(part('toasts'));
  const bar = modeBar(part('mode'));
  const crewed = mayChange(who);
  let merging = null;

  const layers = layerSwitch(map, part('map-buttons'), { names: readAddress().layers, offers, hasGround, onChange: (names) => writeAddress({ layers: names }) });
  const area = areaDrawing(map, bar, (ring) => { shown.change({ area: ring }); bench.filters.set(shown.filter()); });
  area.show(shown.filter().area);
  bench.onDraw(() => (shown.filter().area ? (shown.change({ area: null }), bench.filters.set(shown.filter()), area.show(null)) : (bench.sheet.lower(), onSteered(), area.start())));
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

  /** Whether the click was for a tool that waits for one. */
  function took(id, { lngLat }) {
    const place = [lngLat.lng, lngLat.lat];
    if (area.busy()) area.click(place);
    else if (tour?.waits()) tour.click(place);
    else if (report?.waits()) report.click(place);
    else if (merging && id !== null && id !== chosen().id()) merging(id);
    else return false;
    return true;
  }

  return { crew, shocks: shockStack(offers, who), photos: photoSlot({ offers, who, say }), took, moved: layers.moved, layers: (names) => { layers.set(names); area.show(shown.filter().area); }, closed: () => { merging = null; } };
}

function nearby(features, { properties: { id }, geometry }) {
  return features
    .map((feature) => ({ feature, metres: apart(geometry.coordinates, feature.geometry.coordinates) }))
    .filter(({ feature, metres }) => metres <= MERGE_M && feature.properties.id !== id)
    .sort((a, b) => a.metres - b.metres)
    .slice(0, 6);
}
