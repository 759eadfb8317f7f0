"""What a chunk is once decoded, and the one error for everything that is not a chunk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # numpy is absent on a phone that only records
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


class ChunkError(ValueError):
    """The bytes, the JSON or the columns are not a chunk; `str(error)` is one line fit to be shown.

    field: where, e.g. `accelerometer.t[17]`. value: what stood there, shortened. why, remedy: plain words.
    """

    def __init__(self, field: str, value: object, why: str, remedy: str) -> None:
        self.field, self.value, self.why, self.remedy = field, value, why, remedy
        super().__init__(f"{field}={shortened(value)}: {why}; {remedy}")


def shortened(value: object) -> str:
    """The value as ASCII on one line, at most 60 characters: it may come from a stranger."""
    if isinstance(value, (str, bytes)):
        value = value[:60]
    elif isinstance(value, int) and not -(10**30) < value < 10**30:
        return "an integer of more than 30 digits"  # int to text is quadratic, and refused above 4300 digits
    elif isinstance(value, (list, tuple, dict)):
        return f"{type(value).__name__} of {len(value)}"
    text = ascii(value)
    return text if len(text) <= 60 else text[:57] + "..."


@dataclass(frozen=True, eq=False)
class Series:
    """One stream of a chunk: t_s (n,) s from the start of the trip, strictly increasing; columns name -> (n,) float64.

    Sensors have columns x, y, z (m/s² or rad/s, phone axes); the location has latitude, longitude (WGS 84 degrees),
    speed (m/s), bearing (deg clockwise from north), accuracy (m), the last three NaN where unknown.
    """

    t_s: Floats
    columns: dict[str, Floats]

    def __len__(self) -> int:
        return len(self.t_s)

    @property
    def xyz(self) -> Floats:
        """(n, 3) of a sensor."""
        import numpy as np

        return np.column_stack([self.columns[axis] for axis in "xyz"])


class Withheld(NamedTuple):
    """How the ends of the trip were withheld before it was sent, in whole metres; see `mobile_app.privacy`."""

    cell_m: int
    margin_m: int


@dataclass(frozen=True, eq=False)
class Chunk:
    """A piece of a trace. started_at_us: UTC µs since 1970 of t = 0 of the *trip*, the same in all its chunks.

    trip_id: UUID text; empty only where a JSON recording names none. device: as a JSON recording may name it;
    binary chunks carry none, there the token of the upload says whose it is. withheld: None where nobody says that
    the trip's ends were.
    """

    trip_id: str
    number: int
    started_at_us: int
    accelerometer: Series
    gyroscope: Series | None = None
    location: Series | None = None
    device: str | None = None
    withheld: Withheld | None = None
