"""Has an estimate follow what crews said: merged defects count as one, split ones as two, known things stay where they are.

Pure: arrays in, arrays out. The estimate itself knows nothing of it, so parting and joining again loses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from detection import Defects
from detection.assets import KIND_OF, SORTS
from detection.estimate import Nature
from detection.passes import DefectPasses
from detection.tiles import tile_of
from ingest.store.joined import Said

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

AGAIN_S = 60.0  # later than this the same trip comes by a second time


def with_lost(old: Defects, said: Said, tiles: set[int] | None) -> Defects:
    """`old` and those ids that no estimate holds at present, where they are kept: what is found there takes them up again."""
    lost = said.lost
    if tiles is not None and len(lost):
        lost = lost[np.isin(tile_of(lost.latitude, lost.longitude), sorted(tiles))]
    lost = lost[~np.isin(lost.id.astype(str), old.id.astype(str))] if len(lost) else lost
    return Defects.concatenate([old, lost]) if len(lost) else old


def pinned(found: Defects, tile: Sequence[int], nature: Nature, said: Said) -> tuple[Defects, list[int], Nature]:
    """The defects with the missing halves of split ones added, at their two places, and known things at theirs.

    tile, nature: of each row; those of an added half are its other half's. Rows of neither stay as they are.
    """
    row_of = {name: row for row, name in enumerate(found.id.tolist())}
    columns = {name: column.copy() for name, column in found.columns().items()}
    added: list[tuple[int, str]] = []
    for name, pin in said.pins.items():
        row = row_of.get(name)
        alone = pin.other in said.pins and pin.other not in row_of
        if row is None or not (alone or pin.sort):
            continue  # the estimate has lost it, or sees two by itself
        columns["latitude"][row], columns["longitude"][row] = pin.latitude, pin.longitude
        if pin.sort is not None:
            columns["kind"][row] = KIND_OF[SORTS.index(pin.sort)]
        if alone and pin.other is not None:
            added.append((row, pin.other))
    if not said.pins:
        return found, list(tile), nature
    rows = np.r_[np.arange(len(found)), np.array([row for row, _ in added], np.int64)]
    whole = Defects(**{name: column[rows] for name, column in columns.items()})
    ids, latitude, longitude = whole.id.copy(), whole.latitude.copy(), whole.longitude.copy()
    for row, (_, name) in enumerate(added, len(found)):
        pin = said.pins[name]
        ids[row], latitude[row], longitude[row] = name, pin.latitude, pin.longitude
    made = replace(whole, id=ids, latitude=latitude, longitude=longitude)
    return made, [tile[row] for row in rows.tolist()], nature[rows]


def folded(passes: DefectPasses, every: Defects, said: Said) -> DefectPasses:
    """Each pass of a merged defect as one of that which it was merged into; a trip that met both came by once."""
    onto = _onto(every, said)
    if (onto == np.arange(len(every))).all():
        return passes
    defect = onto[passes.defect]
    order = np.lexsort((passes.time_s, passes.trip, defect))
    moved = replace(passes, defect=defect)[order]
    gap = np.diff(moved.time_s)
    new = (np.diff(moved.defect) != 0) | (np.diff(moved.trip) != 0) | (gap > AGAIN_S)
    group = np.r_[0, np.cumsum(new)] if len(moved) else np.empty(0, np.int64)
    best = np.lexsort((-moved.hit, group))
    first = np.unique(group[best], return_index=True)[1]
    once = moved[best[first]]
    once = replace(once, weight=np.maximum.reduceat(moved.weight, np.flatnonzero(np.r_[True, new]))) if len(moved) else once
    return once[np.lexsort((once.trip, once.time_s, once.defect))]


def recounted(found: Defects, every: Defects, passes: DefectPasses, said: Said) -> Defects:
    """Hits, passes, devices and what follows from them anew, of those that are not what the estimate saw.

    found: the first rows of `every`; passes: `folded`. A merged defect is as sure and as hard as the surest and hardest of its
    parts; the halves of a split one keep its confidence, and share its severity by how hard each was hit.
    """
    onto, columns = _onto(every, said), {name: column.copy() for name, column in found.columns().items()}
    joined = {int(row) for row in onto[onto != np.arange(len(every))]}
    halves = {row for row, name in enumerate(found.id.tolist()) if name in said.pins and said.pins[name].other}
    for row in sorted(joined | halves):
        if row >= len(found):
            continue
        own = passes[passes.defect == row]
        if not len(own):
            continue
        _count(columns, row, own)
        if row in joined:
            parts = np.flatnonzero(onto == row)
            for name in ("confidence", "severity"):
                columns[name][row] = max(getattr(every, name)[parts])
        else:
            columns["severity"][row] *= _share(found, every, passes, row, said)
    return Defects(**columns)


def _onto(every: Defects, said: Said) -> Ints:
    """Row (n,) that each row counts for."""
    row_of = {name: row for row, name in enumerate(every.id.tolist())}
    return np.array([row_of.get(said.into.get(name, name), row) for name, row in row_of.items()], np.int64)


def _count(columns: dict[str, npt.NDArray[np.generic]], row: int, own: DefectPasses) -> None:
    hit = own.hit > 0
    counts = {"passes": len(own), "hits": int(hit.sum()), "devices": len(np.unique(own.device))}
    seen = own.time_s[hit & np.isfinite(own.time_s)]
    for name, value in counts.items():
        columns[name][row] = value
    columns["hit_rate"][row] = counts["hits"] / counts["passes"]
    columns["first_seen"][row], columns["last_seen"][row] = (seen.min(), seen.max()) if len(seen) else (np.nan, np.nan)


def _share(found: Defects, every: Defects, passes: DefectPasses, row: int, said: Said) -> float:
    """How hard this half was hit over how hard both were; 1 where one of them was not."""
    other = said.pins[str(found.id[row])].other
    rows = [row, *np.flatnonzero(every.id.astype(str) == str(other)).tolist()]
    felt = passes.severity[np.isin(passes.defect, rows) & np.isfinite(passes.severity)]
    own = passes.severity[(passes.defect == row) & np.isfinite(passes.severity)]
    return round(float(np.median(own) / np.median(felt)), 9) if len(own) and len(felt) and np.median(felt) > 0 else 1.0
