"""Which devices can be believed, learnt from whether others find what they find where both drove.

Every candidate is a thing or nothing, and unknown; every device hits things with one rate and nothings with another, and
both are unknown (Dawid & Skene, Applied Statistics 28, 1979, solved by expectation–maximisation). Those who find much that
the many others who passed did not find are discounted, their silence as well.

A device that drives where nobody else does keeps its word: there is nothing to contradict it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, logit

from detection.calibration import Calibration, calibrate
from detection.columns import Floats
from detection.evidence import chance_of_trips
from detection.exposure import Passes
from detection.jolts import Survey
from detection.look import looks
from detection.scene import Gathered, Ints, gather
from detection.settings import DefectSettings
from detection.weight import DeviceTrust


@dataclass(frozen=True)
class TrustSettings:
    """Of `learn_trust`."""

    sure: float = 0.6  # a hit below this claims nothing
    others: int = 3  # devices that passed a place, besides the one in question, for it to speak about it
    rounds: int = 30  # of expectation and maximisation: settled after ten
    real: float = 0.3  # share of candidates that are things, to begin with
    sees: tuple[float, float] = (6.0, 4.0)  # Beta prior of how often a device hits a thing: wheels miss it 40 % of the time
    invents: tuple[float, float] = (1.0, 19.0)  # … and of how often it hits where nothing is: 5 %, worth 20 places
    least_invented: float = 4.0  # fewer hits where nothing is are bad luck: honest simulated devices have up to 3
    tolerated: float = 0.08  # … and hit up to 7 % of the nothings that they pass
    steepness: float = 5.0  # at odds twice the tolerated ones a device's word is worth a thirtieth


DEFAULT = TrustSettings()


@dataclass(frozen=True, eq=False)
class Claims:
    """A row for each device at each place that enough others passed: place, device (codes), hit: it claims a thing there,
    worth: how well it looked."""

    place: Ints
    device: Ints
    hit: Floats
    worth: Floats


def learn_trust(surveys: Sequence[Survey], settings: DefectSettings | None = None, rules: TrustSettings = DEFAULT) -> DeviceTrust:
    """Trust in every device of these trips, in any order of trips."""
    settings = settings or DefectSettings()
    gathered = gather(sorted(surveys, key=lambda survey: survey.trip_id))
    claims = claims_of(gathered, settings, rules)
    invents, invented = rates_of(claims, len(gathered.device_names), rules)
    return DeviceTrust(gathered.device_names, trust_of(invents, invented, rules), invents, invented)


def calibrated(surveys: Sequence[Survey], settings: DefectSettings | None = None) -> Calibration:
    """Gain and trust of every device of these trips: all that an estimate needs to know of the fleet."""
    return replace(calibrate(surveys), trust=learn_trust(surveys, settings))


def trust_of(invents: Floats, invented: Floats, rules: TrustSettings = DEFAULT) -> Floats:
    """What the word of devices is worth (d,): 1 up to the tolerated rate, then falling with the odds."""
    excess = logit(np.clip(invents, 1e-3, 1.0 - 1e-3)) - logit(rules.tolerated)
    worth = np.exp(-rules.steepness * np.maximum(excess, 0.0))
    return np.asarray(np.round(np.where(invented >= rules.least_invented, worth, 1.0), 6), np.float64)


def claims_of(gathered: Gathered, settings: DefectSettings, rules: TrustSettings) -> Claims:
    """What each device claims at each candidate of every tile."""
    chance, parts, places = chance_of_trips(gathered, settings), [], 0
    for look in looks(gathered, chance, settings):
        own = look.own[look.passes.candidate]
        parts.append(_claims(look.passes, own, places, rules))
        places += len(look.own)
    rows = np.concatenate([np.empty((0, 4)), *parts])
    return Claims(rows[:, 0].astype(np.int64), rows[:, 1].astype(np.int64), rows[:, 2], rows[:, 3])


def rates_of(claims: Claims, devices: int, rules: TrustSettings) -> tuple[Floats, Floats]:
    """How often each device (d,) hits where nothing is, and how many of its hits those are."""
    place, who, hit, worth = claims.place, claims.device, claims.hit, claims.worth
    count = int(place.max(initial=-1)) + 1
    # places begin as what most of those who passed say, so that the solution in which liars are right is not found
    said = np.bincount(place, worth * hit, count) / np.maximum(np.bincount(place, worth, count), 1e-9)
    real = np.clip(said, 0.02, 0.98)
    share = rules.real
    invents, invented = np.zeros(devices), np.zeros(devices)
    for _ in range(rules.rounds):
        sees = _rate(who, worth * real[place], hit, rules.sees, devices)
        invents = _rate(who, worth * (1.0 - real[place]), hit, rules.invents, devices)
        for_it = np.where(hit > 0, np.log(sees[who] / invents[who]), np.log((1.0 - sees[who]) / (1.0 - invents[who])))
        real = expit(logit(share) + np.bincount(place, worth * for_it, count))
        share = float(np.clip(real.mean() if count else rules.real, 0.05, 0.95))
        invented = np.asarray(np.bincount(who, worth * (1.0 - real[place]) * hit, devices), np.float64)
    return invents, invented


def _claims(passes: Passes, own: np.ndarray, first: int, rules: TrustSettings) -> Floats:
    """Rows of place, device, hit, worth."""
    devices = int(passes.device.max(initial=0)) + 1
    found, key = passes.hit >= rules.sure, passes.candidate * devices + passes.device
    pairs, which = np.unique(key[own], return_inverse=True)
    worth = np.zeros(len(pairs))
    np.maximum.at(worth, which, np.maximum(passes.weight, passes.hit)[own])
    total = np.bincount(which, minlength=len(pairs))
    hit = np.bincount(which, found[own], len(pairs)) / np.maximum(total, 1) >= 0.5  # of a commuter: most of the time
    place = pairs // devices
    looked = worth > 0.3
    many = np.bincount(place[looked], minlength=int(place.max(initial=0)) + 1)[place] > rules.others
    keep = looked & many
    return np.asarray(np.c_[place + first, pairs % devices, hit, worth][keep], np.float64)


def _rate(who: Ints, weight: Floats, hit: Floats, prior: tuple[float, float], devices: int) -> Floats:
    hits, all_of = np.bincount(who, weight * hit, devices), np.bincount(who, weight, devices)
    return np.asarray((prior[0] + hits) / (sum(prior) + all_of))
