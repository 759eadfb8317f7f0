"""Every constant of the signal core: value, unit in its name, and why.

Frozen dataclasses; pass a changed copy (`dataclasses.replace`) to try another value. Nothing is read from
files or the environment here.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class FixSettings:
    """Which location fixes to believe."""

    null_island_deg: float = 0.01  # 0°N 0°E is open sea: a fix within 1 km of it is a default value
    max_accuracy_m: float = 60.0  # coarser fixes come from cell towers or a cold start and misplace a jolt by a street
    max_speed_mps: float = 70.0  # 250 km/h between two fixes is a jump of the receiver, not a drive
    stand_mps: float = 1.0  # slower than this a repeated position may be true; faster it is a stale copy
    max_gap_s: float = 6.0  # longer without a fix (tunnel, 83 m at 50 km/h) nothing is placed in between
    lag_prior_s: float = 0.3  # mean of what phones show (Bridgelall, J. Transp. Tech. 2020: 0.1 to 0.6 s)
    lag_prior_sigma_s: float = 0.2
    lag_search_s: tuple[float, float] = (-0.4, 1.4)


@dataclass(frozen=True)
class GridSettings:
    """The even time grid that everything after cleaning lives on."""

    rate_hz: float = 100.0  # wheel hop lies at 10 to 15 Hz and shocks reach 25 Hz: 4 × oversampled
    min_rate_hz: float = 3.0  # below this not even body bounce (1 to 2 Hz) can be seen
    gap_s: float = 1.0  # samples further apart are not bridged; a dropped batch of a phone lasts longer
    gap_intervals: float = 8.0  # … nor more than so many sampling intervals, for slow phones
    seam_s: float = 0.5  # around each gap: filters have not settled


@dataclass(frozen=True)
class PoseSettings:
    """Which way is down, which way is forward, and when a hand holds the phone."""

    block_s: float = 1.0  # gravity is the median over blocks of mean acceleration:
    window_s: float = 15.0  # a median outlasts braking (3 to 5 s) and keeps the step of a new pose sharp
    turn_rate_radps: float = 0.7  # mean rate across gravity: cars pitch and roll slower than this for half a second
    turn_window_s: float = 0.5
    yaw_rate_radps: float = 1.5  # 4.5 m radius at 7 m/s would be 1.5 g: no car
    lean_deg: float = 35.0  # one second of 0.7 g of braking leans the mean this far; tyres hold little more
    tilt_deg: float = 12.0  # gravity moving this far within `tilt_over_s` means that the phone was moved;
    tilt_over_s: float = 2.0  # full braking (0.8 g) would tilt it more, but lasts less than the median window
    around_s: float = 2.0  # a hand is there before and after it turns the phone


@dataclass(frozen=True)
class StatisticSettings:
    """From acceleration to jolts."""

    band_hz: tuple[float, float] = (1.0, 20.0)  # body bounce to wheel hop; below lie slopes, above engine and rattles
    envelope_s: float = 0.16  # σ of the energy window: joins the swings of one axle, keeps things 5 m apart separate
    decimated_hz: float = 20.0  # rate at which envelope, background and score are kept: 8 points a bell
    background_s: float = 30.0  # the trip's own normal: 400 m at 50 km/h, longer than any defect
    background_speed_exponent: float = 0.8  # vibration grows with speed (ISO 8608 waviness 2: between 0.5 and 1)
    floor_mps2: float = 0.12  # sensor noise and idling; a score over less than this is not road
    threshold: float = 3.0  # envelope over background at which a peak is a jolt
    min_speed_mps: float = 2.5  # slower than 9 km/h doors, feet and kerbs dominate
    apart_s: float = 0.6  # two peaks closer than this are one shock …
    apart_m: float = 5.0  # … or closer than this: front and rear axle (wheelbases reach 3.2 m) meet the same thing
    hit_half_score: float = 4.0  # score at which a jolt is as likely a thing on the road as chance
    hit_slope: float = 3.0  # of the logistic in log score


@dataclass(frozen=True)
class SlowPhoneSettings(StatisticSettings):
    """The same for phones below `below_hz`, whose samples alias the band away.

    Each sample is then a draw from the whole shock in a random phase, so all three axes count, unfiltered, against one
    background for the whole trip. Values learnt on the three marked 5 Hz trips of the Pittsburgh recordings, coarse grid.
    """

    below_hz: float = 25.0  # Nyquist below the wheel hop (10 to 15 Hz)
    envelope_s: float = 0.15
    background_s: float = 1e6
    background_speed_exponent: float = 0.2
    threshold: float = 2.5
    apart_s: float = 1.2
    hit_half_score: float = 3.0


@dataclass(frozen=True)
class SeveritySettings:
    """Severity: what the jolt would have been at the reference speed, in units of just being felt."""

    reference_mps: float = 11.1  # 40 km/h
    speed_exponent: float = 0.8  # response of a car to one thing grows slightly less than linearly with speed
    felt_mps2: float = 0.5  # running RMS "a little uncomfortable" (ISO 2631-1 annex C: 0.315 to 0.63)


@dataclass(frozen=True)
class TrackSettings:
    """The exposure of one trip."""

    spacing_m: float = 10.0  # half the reach within which passes are counted


@dataclass(frozen=True)
class SurveySettings:
    """All stages of one trip."""

    fixes: FixSettings = field(default_factory=FixSettings)
    grid: GridSettings = field(default_factory=GridSettings)
    pose: PoseSettings = field(default_factory=PoseSettings)
    statistic: StatisticSettings = field(default_factory=StatisticSettings)
    slow: SlowPhoneSettings = field(default_factory=SlowPhoneSettings)
    severity: SeveritySettings = field(default_factory=SeveritySettings)
    track: TrackSettings = field(default_factory=TrackSettings)

    def statistic_at(self, rate_hz: float) -> StatisticSettings:
        """The rules for a grid of this rate."""
        return self.slow if rate_hz < self.slow.below_hz else self.statistic
