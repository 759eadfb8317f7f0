"""One small city and a dozen short drives, made once for all tests here."""

import pytest

from detection.simulator import City, Drive, simulate_city, simulate_drives


@pytest.fixture(scope="session")
def city() -> City:
    return simulate_city(11, street_km=6.0)


@pytest.fixture(scope="session")
def drives(city: City) -> list[Drive]:
    return list(simulate_drives(city, 16, 5, duration_s=(200.0, 400.0)))
