"""Is somebody driving? idle → watching → recording → finishing, from fixes and from how the phone shakes. Pure.

All times are the sensors' clock. Not responsible for what is done about it (`recording`), nor for whether it may be (`service`).
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from statistics import median

from mobile_app.motion import Shake
from mobile_app.privacy.ends import Fix, apart_m
from mobile_app.status import State


@dataclass(frozen=True)
class DrivingSettings:
    """When a drive begins and ends."""

    start_mps: float = 7.5  # median speed that only motor vehicles keep up: the help of a pedelec ends at 25 km/h (6.9 m/s)
    start_s: float = 8.0  # so long: a descent on a bicycle seldom lasts, and what comes before is in the pre-roll
    start_window_s: float = 14.0  # within which the fixes must lie that say so
    start_fixes: int = 5  # at least, where a phone gives one every two or three seconds
    start_shaken_share: float = 0.75  # of the last ten seconds: a moving car shakes always, a hand or a table now and then
    straight_share: float = 0.4  # of the way by speed that must show between the places: false speeds lead nowhere
    going_mps: float = 2.5  # a car in a queue creeps faster than that within 4 minutes, a walker (1.4 m/s) never is
    runner_mps: float = 4.5  # while steps are felt, slower than this is running, not driving
    good_m: float = 30.0  # fixes of a coarser radius give speeds out of nothing, as indoors
    pair_s: float = 10.0  # two fixes further apart in time say nothing together
    still_mps2: float = 0.07  # a phone that shakes less than this is in no moving car (on a table: 0.02 to 0.05)
    shaken_mps2: float = 0.15  # without satellites, more than this is a car under way (idling: below 0.1)
    blind_after_s: float = 8.0  # without a good fix: it may be a tunnel …
    blind_s: float = 1_200.0  # … of up to 24 km, at 70 km/h
    shaken_share: float = 0.7  # of the last seconds, before shaking alone counts as going on: a hand shakes now and then
    walked_s: float = 6.0  # of steps out of sight of the satellites: the driver has got out
    pause_s: float = 60.0  # standing for longer is told as the end coming near: most red lights are shorter
    stand_s: float = 240.0  # standing for longer ends the trip; at 300 s the place would be withheld as a stop anyway
    wake_mps2: float = 0.12  # what is shaken more than this may be in a car that starts
    wake_s: float = 3.0  # … for so many of the last ten seconds
    watch_s: float = 120.0  # without a sign of a vehicle the satellites are let go
    walk_watch_s: float = 30.0  # while somebody walks, sooner
    rest_s: float = 15.0  # after watching in vain: whoever walks all day must not have the satellites on all day


class Driving:
    """Fed in order of time; `state` says what it makes of it. standstill_s: when the car was last seen going, NaN before."""

    def __init__(self, settings: DrivingSettings | None = None) -> None:
        self.settings = settings or DrivingSettings()
        self.state = State.IDLE
        self.standstill_s = math.nan
        self._fixes: deque[tuple[Fix, float]] = deque()  # good ones of the last seconds, with their speeds
        self._shakes: deque[Shake] = deque(maxlen=10)  # of the last ten seconds
        self._last: Fix | None = None
        self._walked_s = 0.0  # since that fix
        self._sign_s = self._since_s = -math.inf  # last sign of a vehicle; since when it watches or rests

    @property
    def on_trip(self) -> bool:
        return self.state in (State.RECORDING, State.FINISHING)

    def fix(self, t_s: float, latitude: float, longitude: float, speed: float | None, accuracy: float | None) -> State:
        """One fix: degrees, m/s, m; speed as None or NaN follows from the places."""
        place = Fix(t_s, latitude, longitude, math.nan if accuracy is None else accuracy)
        if self._is_good(place):
            mps = self._speed(place, speed)
            if mps is not None:
                self._fixes.append((place, mps))
                self._judge(place, mps)
            self._last = place
        while self._fixes and self._fixes[0][0].t_s < t_s - self.settings.start_window_s:
            self._fixes.popleft()
        return self._at(t_s)

    def shake(self, shake: Shake) -> State:
        """How the phone shook in one second."""
        self._shakes.append(shake)
        if shake.steps:
            self._walked_s += 1.0
        if self.state is State.IDLE:
            self._wake(shake.t_s)
        elif self.on_trip and self._goes_on_unseen(shake.t_s):
            self._goes(shake.t_s)
        return self._at(shake.t_s)

    def resume(self, t_s: float) -> None:
        """Goes on with a drive that was last seen going at t_s."""
        self.state, self.standstill_s = State.RECORDING, t_s

    def rest(self, t_s: float) -> None:
        """Lets all go, as when recording may not be: the trip is over, whatever moves."""
        self.state, self._since_s = State.IDLE, t_s
        self._fixes.clear()

    def _is_good(self, place: Fix) -> bool:
        """Of use at all: near enough, somewhere, and later than the one before."""
        later = self._last is None or place.t_s > self._last.t_s
        return later and not place.accuracy_m > self.settings.good_m and bool(place.latitude or place.longitude)

    def _speed(self, place: Fix, speed: float | None) -> float | None:
        if speed is not None and speed >= 0:  # NaN is not
            return speed
        if self._last is None or place.t_s - self._last.t_s > self.settings.pair_s:
            return None
        return apart_m(self._last, place) / (place.t_s - self._last.t_s)

    def _judge(self, place: Fix, mps: float) -> None:
        """What a good fix says: the start of a drive, or that it goes on."""
        going = self._is_going()
        moved = len(self._fixes) < 2 or self._agrees(self._fixes[-2][0], place, mps)
        if moved:  # a frozen fix is none
            self._walked_s = 0.0
        if self.on_trip:
            if going:
                self._goes(place.t_s)
        elif mps >= self.settings.going_mps and not self._steps() and self._shaken(self.settings.still_mps2, 0.0):
            self._sign_s = place.t_s
            if self.state is State.IDLE:
                self._watch(place.t_s)
            if self._starts():
                self.state, self.standstill_s = State.RECORDING, place.t_s

    def _starts(self) -> bool:
        s, speeds = self.settings, [mps for _, mps in self._fixes]
        first, last = self._fixes[0][0], self._fixes[-1][0]
        middle = median(speeds)  # a reflection or two do not move it
        return (
            len(speeds) >= s.start_fixes
            and last.t_s - first.t_s >= s.start_s
            and middle >= s.start_mps
            and min(speeds) >= s.going_mps
            and self._agrees(first, last, middle)
            and self._shaken(s.still_mps2, s.start_shaken_share)
        )

    def _is_going(self) -> bool:
        """By the last two good fixes."""
        s = self.settings
        if len(self._fixes) < 2 or self._lies_still():
            return False
        (before, slower), (place, mps) = self._fixes[-2], self._fixes[-1]
        least = min(slower, mps)
        floor = s.runner_mps if self._steps() else s.going_mps
        return least >= floor and place.t_s - before.t_s <= s.pair_s and self._agrees(before, place, least)

    def _agrees(self, before: Fix, after: Fix, mps: float) -> bool:
        """Whether the places are as far apart as the speed says, nearly."""
        return apart_m(before, after) >= self.settings.straight_share * mps * (after.t_s - before.t_s)

    def _goes_on_unseen(self, t_s: float) -> bool:
        """In a tunnel, a deep street or under a failed receiver: it shakes, and nobody has walked away since it was seen."""
        s = self.settings
        seen_s = self._last.t_s if self._last is not None and self._moves() else self.standstill_s
        unseen_s = t_s - seen_s
        return (
            s.blind_after_s <= unseen_s <= s.blind_s
            and self._walked_s < s.walked_s
            and self._shaken(s.shaken_mps2, s.shaken_share)
        )

    def _moves(self) -> bool:
        """Whether the last good fixes were not one and the same place at a speed: frozen."""
        if len(self._fixes) < 2:
            return True
        (before, _), (place, mps) = self._fixes[-2], self._fixes[-1]
        return self._agrees(before, place, mps)

    def _goes(self, t_s: float) -> None:
        self.standstill_s = max(t_s, self.standstill_s)
        self.state = State.RECORDING

    def _wake(self, t_s: float) -> None:
        s = self.settings
        shaken = sum(one.rms_mps2 >= s.wake_mps2 for one in self._shakes if one.t_s > t_s - 10.0)
        if shaken >= s.wake_s and not self._steps() and t_s - self._since_s >= s.rest_s:
            self._watch(t_s)

    def _watch(self, t_s: float) -> None:
        self.state, self._since_s = State.WATCHING, t_s
        self._sign_s = max(self._sign_s, t_s)

    def _at(self, t_s: float) -> State:
        """What mere time changes."""
        s = self.settings
        if self.on_trip:
            stood_s = t_s - self.standstill_s
            if stood_s >= s.stand_s:
                self.rest(t_s)
            elif stood_s >= s.pause_s:
                self.state = State.FINISHING
        elif self.state is State.WATCHING and t_s - self._sign_s >= (s.walk_watch_s if self._steps() else s.watch_s):
            self.rest(t_s)
        return self.state

    def _shaken(self, least_mps2: float, share: float) -> bool:
        """Whether it shook so much in more than that share of the last seconds, not by steps. True where nobody can tell."""
        shaken = sum(one.rms_mps2 >= least_mps2 and not one.steps for one in self._shakes)
        return not self._shakes or shaken > share * len(self._shakes)

    def _lies_still(self) -> bool:
        """Known to have in the last three seconds: without an accelerometer nobody knows."""
        return bool(self._shakes) and max(one.rms_mps2 for one in list(self._shakes)[-3:]) < self.settings.still_mps2

    def _steps(self) -> bool:
        return sum(one.steps for one in self._shakes) * 2 > len(self._shakes)
