"""What the server found against what was really there: the two rows at the end of the demo."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from detection import Defects, Survey
from detection.scoring import Figures, match_defects, match_jolts
from detection.simulator import TrueDefects
from detection.trace import Floats
from ingest.commands.demo.backlog import Backlog
from ingest.commands.demo.driving import Driven, the_city
from ingest.commands.demo.stage import Stage
from ingest.commands.screen import say, show

LEAST_CONFIDENCE = 0.5
PUBLIC_K = 3  # what the map shows: places that at least so many devices passed


def show_verdict(stage: Stage, driven: Sequence[Driven]) -> None:
    """Prints found against true: jolts of single passes, and defects as the map shows them."""
    with Backlog(stage.data) as backlog:
        surveys, defects, driven_km = backlog.surveys(), backlog.defects(), backlog.driven_km()
    shown = defects[(defects.devices >= PUBLIC_K) & (defects.confidence >= LEAST_CONFIDENCE)]
    rows = [
        {"what": "jolts, each pass by itself"} | _of_jolts(surveys, driven),
        {"what": "defects, all passes together"} | _of_defects(shown, the_city().defects),
    ]
    devices = len({drive.device for drive in driven})
    streets_km = the_city().street_km
    kept = np.mean([drive.kept for drive in driven])
    if kept < 1.0:
        say(f"The phones withheld the ends of their trips, {1 - kept:.0%} of all driving; what is counted below was sent.")
    say(f"{len(driven)} drives of {devices} devices, {driven_km:.0f} km on {streets_km:.1f} km of streets, against the truth:")
    show(pd.DataFrame(rows))


def _of_jolts(surveys: Sequence[Survey], driven: Sequence[Driven]) -> dict[str, object]:
    """Jolts match those truly felt on the same trip within a second."""
    found = {survey.trip_id: survey.started_at_s + survey.jolts.t_s for survey in surveys}
    total, off_s = Figures(), list[Floats]()
    for drive in driven:
        found_s = found.get(drive.trip_id, np.empty(0))
        figures, pairs = match_jolts(found_s, drive.felt_at_s)
        total += figures
        off_s.append(np.abs(found_s[pairs[:, 0]] - drive.felt_at_s[pairs[:, 1]]))
    return _row(total, np.concatenate(off_s), "s")


def _of_defects(found: Defects, true: TrueDefects) -> dict[str, object]:
    """Defects match within 15 m and 60°; what lies across the whole road is one in each direction."""
    figures, _, off_m = match_defects((found.latitude, found.longitude, found.heading), _each_way(true))
    return _row(figures, off_m, "m")


def _row(figures: Figures, off: Floats, unit: str) -> dict[str, object]:
    return {
        "found": figures.found,
        "true": figures.true,
        "matched": figures.matched,
        "precision": f"{figures.precision:.2f}",
        "recall": f"{figures.recall:.2f}",
        "F1": f"{figures.f1:.2f}",
        "median error": f"{np.median(off):.2f} {unit}" if len(off) else "–",
    }


def _each_way(true: TrueDefects) -> tuple[Floats, Floats, Floats]:
    both = np.isnan(true.heading)
    ways = np.where(both, true.street_heading, true.heading), (true.street_heading[both] + 180.0) % 360.0
    latitude, longitude = (np.concatenate([column, column[both]]) for column in (true.latitude, true.longitude))
    return latitude, longitude, np.concatenate(ways)
