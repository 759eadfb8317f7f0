"""What the map screen knows: the offline copy of the city's defects, streets driven lately, the phone's own place."""

from __future__ import annotations

from dataclasses import dataclass, field

from mobile_app import durable
from mobile_app.diary import Diary
from mobile_app.home import Home
from mobile_app.status import Status
from mobile_app.ui.map.content import Content, Own, lines
from mobile_app.ui.told.age import age, changed_s, fetched_s
from mobile_app.ui.told.defects import Defect, on_map, read
from mobile_app.ui.words import _, n_, number

MOST_TRIPS = 60  # whose ways are drawn as streets: preparing more would be felt when the screen opens
FIX_OLD_S = 120.0  # a car is elsewhere by then


@dataclass(frozen=True)
class Copy:
    """defects: that are to be seen. at_s: when they were fetched. seen: of the files it was made from."""

    defects: tuple[Defect, ...] = ()
    content: Content = field(default_factory=Content)
    at_s: float | None = None
    seen: tuple[float | None, ...] = ()


NOTHING = Copy(seen=(-1.0,))


def look(home: Home, before: Copy) -> Copy:
    """The copy there is now; the one before where nothing changed."""
    seen = (changed_s(home.defects), changed_s(home.diary))
    if seen == before.seen:
        return before
    fields = durable.read_json(home.defects)
    found = read(fields)
    ways = [piece for entry in Diary(home.diary).entries()[:MOST_TRIPS] for piece in entry.path]
    return Copy(found, Content(streets=lines(ways), crowd=on_map(found)), fetched_s(fields), seen)


def told(copy: Copy, now_s: float) -> str:
    """How many there are and how old that is."""
    if copy.at_s is None:
        return _("The city’s map was not fetched yet")
    count = len(copy.defects)
    text = n_("{n} defect, {age}", "{n} defects, {age}", count)
    return text.format(n=number(count), age=age(copy.at_s, now_s))


def own(status: Status, now_s: float) -> Own | None:
    """Where the phone is; None where that is not known, or was long ago."""
    if status.latitude is None or status.longitude is None:
        return None
    if now_s - status.at_s + (status.fix_age_s or 0.0) > FIX_OLD_S:
        return None
    return Own(status.latitude, status.longitude, status.accuracy_m, status.heading)
