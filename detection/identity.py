"""The same hole keeps its id when defects are estimated again from more trips."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from detection.columns import Texts
from detection.defects import Defects
from detection.geo import LocalMetres, turn_deg

SAME_M, SAME_DEG = 15.0, 60.0  # further, or in another direction, it is another hole (scoring uses the same)


def carry_ids(new: Defects, old: Defects) -> Defects:
    """`new` with the id and status of the nearest `old` defect of the same direction; each old one is used once."""
    if not len(new) or not len(old):
        return new
    plane = LocalMetres.around(new.latitude, new.longitude)
    places = [np.c_[plane.to_xy(d.latitude, d.longitude)] for d in (new, old)]
    pairs = cKDTree(places[0]).sparse_distance_matrix(cKDTree(places[1]), SAME_M, output_type="coo_matrix")
    turned = np.abs(turn_deg(new.heading[pairs.row], old.heading[pairs.col]))
    order = np.argsort(pairs.data, kind="stable")
    ids, status = new.id.copy(), new.status.copy()
    taken_new, taken_old = set[int](), set[int]()
    for i, j, turn in zip(pairs.row[order], pairs.col[order], turned[order], strict=True):
        if i not in taken_new and j not in taken_old and not turn > SAME_DEG:  # NaN, both ways, agrees with any
            ids[i], status[i] = old.id[j], old.status[j]
            taken_new.add(int(i))
            taken_old.add(int(j))
    return replace(new, id=distinct(ids, last=ids == new.id), status=status)  # a fresh id gives way to a carried one


def distinct(ids: Texts, last: npt.NDArray[np.bool_] | None = None) -> Texts:
    """The ids (n,) with a number behind those that stand already; rows marked `last` give way to the others."""
    seen: set[str] = set()
    out = ids.copy()
    for i in range(len(ids)) if last is None else np.argsort(last, kind="stable"):
        name, n = str(ids[i]), 1
        while name in seen:
            n += 1
            name = f"{ids[i]}-{n}"
        out[i] = name
        seen.add(name)
    return out
