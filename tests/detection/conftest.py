"""One small town, two dozen short drives through it and their surveys, made once for all tests of the core."""

import pytest

from detection import Survey, survey
from detection.simulator import City, Drive, simulate_city, simulate_drives


@pytest.fixture(scope="session")
def town() -> City:
    return simulate_city(3, street_km=4.0)


@pytest.fixture(scope="session")
def town_drives(town: City) -> list[Drive]:
    return list(simulate_drives(town, 24, 2, duration_s=(120.0, 180.0)))


@pytest.fixture(scope="session")
def town_surveys(town_drives: list[Drive]) -> list[Survey]:
    return [survey(drive.trace) for drive in town_drives]
