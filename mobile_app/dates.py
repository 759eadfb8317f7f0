"""Which date a trip gets: clocks of phones and satellites are wrong in ways that are known."""

from __future__ import annotations

ROLLOVER_S = 1024 * 7 * 86_400.0  # satellites count weeks to 1024: old receivers then give dates of 19.6 years before
EARLIEST_S = 1_767_225_600.0  # 2026-01-01: no trip was recorded before this app was written
HORIZON_S = 10 * 365.25 * 86_400  # how long a phone may run an app that is never updated


def likely_utc_s(told_s: float, known_s: float = 0.0) -> tuple[float, str | None]:
    """The date that was meant by told_s (s since 1970, UTC), and what was wrong with it.

    known_s: an instant of which the phone knows that it has passed, such as when its person agreed. A date of one or two
    rollovers ago is put right; one that cannot be gives way to the last instant that is known, so that no trip is filed in 2006.
    """
    known_s = max(EARLIEST_S, known_s if known_s < EARLIEST_S + HORIZON_S else 0.0)
    day_s = 86_400.0  # clocks are set back by hours, and that is not ours to mend
    if known_s - day_s <= told_s < EARLIEST_S + 2 * HORIZON_S:
        return told_s, None
    for weeks in (1, 2):
        if known_s - day_s <= told_s + weeks * ROLLOVER_S < known_s + HORIZON_S / 4:
            return told_s + weeks * ROLLOVER_S, "the date was 1024 weeks early"
    return known_s, "the date was unknown"
