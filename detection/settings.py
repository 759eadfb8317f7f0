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
    max_gap_s: float = 6.0  # longer without a fix (tunnel, 83 m at 50 km/h) nothing is placed in between …
    max_speed_gap_s: float = 60.0  # … but the car is taken to drive on between its speeds before and after
    front_axle_ahead_m: float = 1.2  # a phone on the dashboard or console lies 0.5 to 2 m behind the front axle
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
class FaultSettings:
    """When a sensor did not measure what it wrote."""

    copies_share: float = 0.3  # of samples equal to the one before on all axes: noise of 0.01 m/s² alone makes that rare
    keep_s: float = 0.25  # a value that stays is kept so often: a phone at rest is neither cut nor refused (3 Hz)
    hung_s: float = 2.0  # road shakes every axis within this; a converter's step is passed
    hung_samples: int = 8  # … and for slow phones at least so many
    hole_s: float = 0.1  # a missing stretch as long as a wheel's hop (10 to 15 Hz) can hide a shock
    hole_intervals: float = 4.0  # … or so many sampling intervals, for slow phones
    hole_around_s: float = 0.05  # half a wheel's hop: the straight line across changes no more than that
    crowded: float = 1.5  # times the sensor's own rate within a second: two stretches under one stamp
    around_s: float = 0.5  # an axis that wakes steps, and the step rings in the band
    ranges_g: tuple[float, ...] = (2.0, 4.0, 8.0, 16.0)  # that accelerometers of phones can be set to (LSM6DSO, BMI160)
    range_tolerance: float = 0.03  # scale error of uncalibrated parts
    clipped_samples: int = 3  # a largest value met so often is an end, no maximum


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
class SteeringSettings:
    """When a car is steered so hard that its road cannot be read (`detection.steering`)."""

    # between 8.76 ft/s², 2.67 (hard in Indiana's connected-vehicle data: Desai et al., J. Big Data Anal. Transp. 2 (2020) 27),
    hard_mps2: float = 2.85  # and 7 mph in a second, 3.1 (hard to insurers)
    begins_mps2: float = 1.2  # what a calm driver does not exceed for long: onset and end
    around_s: float = 1.0  # the rear axle follows, and a crossing's edge lies before the turn
    smooth_s: float = 0.25  # σ: below 1 Hz drivers act, above wheels and suspension do
    level_s: float = 60.0  # zero is the median over this: outlasts a winding street, not another pose of the phone
    rate_hz: float = 10.0  # ten values a second are enough for that


@dataclass(frozen=True)
class StatisticSettings:
    """From acceleration to jolts."""

    band_hz: tuple[float, float] = (2.0, 25.0)  # above body bounce (1 to 1.5 Hz), which rings on, to above wheel hop
    envelope_s: float = 0.1  # σ of the energy window: joins the swings of one axle; a longer one drowns single wheel kicks
    decimated_hz: float = 20.0  # rate at which envelope, background and score are kept: 8 points a bell
    background_s: float = 12.0  # the street's own normal: longer than any defect, shorter than a street of one surface
    background_speed_exponent: float = 0.5  # r.m.s. vibration grows so with speed on an ISO 8608 road (waviness 2)
    floor_mps2: float = 0.15  # no one feels less (ISO 2631-1: 0.1 to 0.2 weighted); smooth real roads have no quieter normal
    threshold: float = 1.6  # envelope over background at which a peak is looked at; of what lies below the trees find 0.3 %
    min_speed_mps: float = 2.5  # slower than 9 km/h doors, feet and kerbs dominate
    apart_s: float = 0.6  # two peaks closer than this are one shock …
    apart_m: float = 7.0  # … or closer than this: both axles (wheelbases reach 3.2 m) over a hump (3.7 m)
    min_confidence: float = 0.05  # below this a peak is not even evidence


@dataclass(frozen=True)
class LazyPhoneSettings(StatisticSettings):
    """The same for phones below `below_hz`, which lack the wheel band."""

    below_hz: float = 40.0  # 16 Hz and a little, times two
    envelope_s: float = 0.16


@dataclass(frozen=True)
class SlowPhoneSettings(LazyPhoneSettings):
    """The same for phones below `below_hz`, whose samples alias the band away.

    Each sample is then a draw from the whole shock in a random phase, so all three axes count, unfiltered, against one
    background for the whole trip. Values learnt on the three marked 5 Hz trips of the Pittsburgh recordings, coarse grid.
    """

    below_hz: float = 8.0  # from 10 Hz on the vertical band serves better: on simulated drives, on real 100 Hz ones thinned out
    envelope_s: float = 0.15
    background_s: float = 1e6
    background_speed_exponent: float = 0.2
    threshold: float = 2.1
    apart_s: float = 1.2
    even_score: float = 2.5  # score at which a peak is as likely a thing on the road as chance
    even_slope: float = 4.0  # of the logistic in log score


@dataclass(frozen=True)
class FeatureSettings:
    """What is measured of a peak before it is judged."""

    window_s: float = 0.64  # of a band energy: one swing of the body, both axles from 4 m/s
    later_s: float = 0.25  # after the peak, a second look: the rear axle, or the body's answer
    every_s: float = 1.0  # at which the usual energies are sampled
    near_s: float = 12.0  # spans over which they are usual: this street …
    far_s: float = 60.0  # … and this part of the trip
    reach_s: float = 0.6  # around a peak for swings and turning
    braking_s: float = 3.0  # before and after: from 50 to 20 km/h at 2.8 m/s²
    wheelbase_m: tuple[float, float] = (2.2, 3.2)  # passenger cars
    slowest_mps: float = 2.5  # below this a metre lasts as long as the suspension's own swing


@dataclass(frozen=True)
class SeveritySettings:
    """Severity: what the jolt would have been at the reference speed, in units of just being felt."""

    reference_mps: float = 11.1  # 40 km/h
    speed_exponent: float = 0.8  # response of a car to one thing grows slightly less than linearly with speed
    half_felt: float = 0.9  # severity that half of the people feel: 1 is "just felt"
    felt_slope: float = 8.0  # of the logistic in log severity: from 0.7 (12 %) to 1.2 (90 %)
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
    faults: FaultSettings = field(default_factory=FaultSettings)
    pose: PoseSettings = field(default_factory=PoseSettings)
    steering: SteeringSettings = field(default_factory=SteeringSettings)
    statistic: StatisticSettings = field(default_factory=StatisticSettings)
    lazy: LazyPhoneSettings = field(default_factory=LazyPhoneSettings)
    slow: SlowPhoneSettings = field(default_factory=SlowPhoneSettings)
    features: FeatureSettings = field(default_factory=FeatureSettings)
    severity: SeveritySettings = field(default_factory=SeveritySettings)
    track: TrackSettings = field(default_factory=TrackSettings)

    def statistic_at(self, rate_hz: float) -> StatisticSettings:
        """The rules for a grid of this rate."""
        if rate_hz < self.slow.below_hz:
            return self.slow
        return self.lazy if rate_hz < self.lazy.below_hz else self.statistic


@dataclass(frozen=True)
class DefectSettings:
    """From the surveys of many trips to defects."""

    heading_scale_m: float = 25.0  # opposite directions lie 50 m apart in the clustering space, 60° 25 m
    kernel_m: float = 5.0  # σ of the density of jolts: GPS error along the road (2 to 5 m)
    kernel_reach: float = 3.0  # in σ; beyond it the bell holds 1 %
    mode_rounds: int = 3  # of suppressing jolts near a denser one: chains of modes 30 m long are settled, longer ones cut
    crowd: int = 64  # jolts within a cube of `crowd_m`, more than which stand for each other …
    crowd_m: float = 10.0
    crowd_cell_m: float = 2.0  # … within cells of this: a third of GPS error, 5° of heading
    apart_m: float = 10.0  # two modes closer than this are one defect (two axles, GPS error)
    hit_reach_m: float = 14.0  # 2.5 σ of a jolt's place (GPS 2 to 5 m, lag 0.2 s at 12 m/s)
    pass_reach_m: float = 15.0  # lane width and GPS error; the heading keeps the crossing street out
    max_turn_deg: float = 50.0  # headings further apart are another direction of travel
    pass_apart_s: float = 20.0  # the same car within 20 s is the same pass
    device_correlation: float = 0.35  # share of a device's error that repeats: its n passes count n / (1 + (n − 1) ρ), < 3
    witness_correlation: float = 0.5  # … where it is asked whether a thing is there at all: a loose holder counts < 2
    real_hits: tuple[float, float] = (2.0, 1.5)  # Beta prior of the hit rate of a real defect: wheels miss it 30 % of the time
    chance_concentration: float = 20.0  # Beta prior of the chance rate: streets differ, worth so many passes
    chance_range: tuple[float, float] = (0.001, 0.3)  # a trip without any chance jolts has not been seen
    chance_prior: tuple[float, float] = (0.03, 50.0)  # rate, and windows (1.4 km) it is worth: a trip says more after 5 km
    prior_range: tuple[float, float] = (0.02, 0.9)  # one jolt alone never makes a defect certain
    min_confidence: float = 0.05  # below this a candidate is not worth a row
    neighbour_m: float = 30.0  # 4 σ of the distance of two jolts of one thing; the parts of a rough stretch lie closer
    opposite_reach_m: float = 12.0  # a hump's candidates of both directions: a street's width and GPS error
    opposite_confidence: float = 0.3  # … of which the other must be at least so probable
    lane_m: float = 3.5  # between the middles of a street's two lanes: a lane's width …
    lane_worth: float = 14.0  # … ± 1 m, which so many passes (3.7 m off each) know as well
    onset_ahead_m: tuple[float, ...] = (0.0, 0.8, 0.0, 2.5)  # middle of a hole, hump, joint, stretch beyond its first shock
    systematic_m: float = 1.0  # error that more passes do not average out (map datum, common lag)

    @property
    def drift_m(self) -> float:
        """How far mean shift may take a candidate from the jolt it began at."""
        return self.apart_m

    @property
    def beside_m(self) -> float:
        """How far from a candidate others matter to it: its neighbours, and those of its other direction."""
        return self.neighbour_m + self.opposite_reach_m

    @property
    def halo_m(self) -> float:
        """How far around a tile jolts can matter to its defects: what each stage looks at, one after the other."""
        condensed = 2.0 * self.crowd_m  # √3 of it: the cube that decides whether jolts crowd
        found = condensed + self.kernel_reach * self.kernel_m + 2.0 * self.mode_rounds * self.apart_m  # density, then suppression
        placed = self.drift_m + self.kernel_reach * self.kernel_m + self.apart_m + 2.0 * self.drift_m  # shift, then joining
        shared = 2.0 * (self.hit_reach_m + self.drift_m)  # a neighbour takes the jolts that are nearer to it
        return found + placed + shared + self.beside_m

    @property
    def passing_m(self) -> float:
        """How far around a tile passes can matter to its defects."""
        return self.drift_m + max(self.pass_reach_m, self.hit_reach_m) + self.beside_m


@dataclass(frozen=True)
class CalibrationSettings:
    """What makes jolts and roughness of different cars, phones, mounts and speeds comparable (`detection.calibration`)."""

    reference_mps: float = 11.1  # 40 km/h: the speed severity is told at, as in `SeveritySettings`
    felt_mps2: float = 0.5  # the level that severity 1 stands for, as in `SeveritySettings`
    cell_m: float = 25.0  # side of a place: 5 σ of GPS error (2 to 5 m), and a house's width of one surface
    min_speed_mps: float = 4.0  # slower the engine and the driver's feet are a good part of the level
    device_sigma: float = 0.35  # log gain of phone, mount and car: ± 40 % (gain 0.6 to 1.4, resonances; docs/simulator.md)
    device_exponent_sigma: float = 0.15  # γ of a car differs with its wheelbase and wheel hop: half of what roads differ by
    exponent_sigma: float = 0.3  # γ before any data; a power law holds locally only (Alessandroni et al., Sensors 17 (2017) 305)
    road_exponent: float = 0.5  # r.m.s. on an ISO 8608 road of waviness 2 grows with the root of speed
    # unknown, pothole, speed_bump, joint, rough: simulated cars answer holes of 0.3 to 1 m with v^−0.4 to v^0.4, humps with v^1.2
    jolt_exponent: tuple[float, ...] = (0.5, 0.3, 1.1, 0.2, 0.5)
    device_correlation: float = 0.35  # share of a device's error that repeats at a place; as in `DefectSettings`
    noise_sigma: float = 0.25  # log residual of one pass before any data: wheels run some decimetres beside the last ones
    huber: float = 1.5  # σ beyond which influence stops growing: 95 % efficient on clean data (Huber 1964)
    rounds: int = 8  # of reweighting at most …
    settled: float = 1e-4  # … or until no unknown changes by more: a hundredth of a percent of severity
    upper_share: float = 0.75  # weight of hits above a defect's severity against those below: wheels brush more than they meet
    interval_z: float = 1.645  # intervals hold 90 %


@dataclass(frozen=True)
class CrossingSettings:
    """What a crossing is, and what braking before it (`detection.crossings`)."""

    step_m: float = 5.0  # between places of a pass that are compared: half of the track's own spacing
    cell_m: float = 10.0  # of places that are counted together: about the error of a fix and half a street's width
    look_m: float = 20.0  # around a place, for axes of travel that differ: a little more than a wide street
    least_mixed: float = 0.05  # 1 − length of the mean doubled axis: one pass in 40 across all others, or a bend
    disc_m: float = 28.0  # passes are compared where they cross this circle: outside the corners, inside the next block
    near_m: float = 15.0  # passes that do not come so near to the middle go past it, on a street beside
    bin_deg: float = 5.0
    blur_deg: float = 8.0  # fixes 4 m off, seen over the disc
    apart_deg: float = 35.0  # between two arms; nearer they are one
    of_arm_deg: float = 25.0  # who comes from further beside it did not come by this arm
    merge_m: float = 40.0  # middles nearer than that are one crossing: staggered arms, the corners of a large one
    straight_deg: float = 40.0  # who turns less goes straight on
    device_correlation: float = 0.35  # share of a driver's habit that repeats at a place; as in `DefectSettings`
    brake_mps2: float = 0.9  # rolling out in gear slows a car by 0.3 to 0.5 m/s², gentle braking by 1 and more
    brake_m: float = 15.0  # over so much of the way
    before_m: float = 60.0  # of the middle: from 50 km/h a car that brakes comfortably (2 m/s²) stops in 48 m
    lost_mps: float = 2.0  # a touch of the pedal is no braking


@dataclass(frozen=True)
class AssetSettings:
    """When a defect or a jolt is a known thing on the road (`detection.assets`). Tuples: casting, hump, crossing, joint."""

    place_sigma_m: float = 2.0  # of a city's own places: read off aerial pictures, or walked with a phone
    reach_sigmas: float = 2.0  # both places together; 86 % in the plane …
    max_reach_m: float = 10.0  # … but a place known so badly (one hit) that this is not enough says nothing of castings
    max_turn_deg: float = 60.0  # headings further apart are another direction of travel, as in `identity`
    jolt_sigma_m: float = 5.0  # of a jolt that does not know its own
    radius_m: tuple[float, ...] = (0.4, 2.0, 3.0, 1.0)  # half of a cover, a hump of 4 m, two tracks, a joint: where none is given
    largest_radius_m: float = 30.0  # larger is no thing on the road but a street
    line_step_m: float = 2.0  # a line is so many places: none of it is further from one than its σ
    longest_line_m: float = 100.0  # longer is a street or a railway, which would swallow every hole along it
    # severity above which such a thing is a defect. In four simulated cities flush castings (≤ 6 mm) showed up to 1.3, sunken
    # ones (15 to 25 mm) 1.8 to 3.7; no hump as built more than 14.3, no crossing with steps up to 22 mm more than 5.1
    hard_severity: tuple[float, ...] = (1.6, 15.0, 6.0, 6.0)
