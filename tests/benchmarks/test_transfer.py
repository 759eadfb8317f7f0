"""The last block of `benchmarks.transfer` means something only while no training sees its vehicle and its roads."""

import inspect
from dataclasses import replace

from benchmarks import train, transfer
from benchmarks.jolts_simulated import World
from detection.simulator.nonlinear_car import draw_nonlinear_car


def test_training_sees_neither_the_third_vehicle_nor_the_third_roads() -> None:
    source = inspect.getsource(train)
    assert replace(World(), draw_vehicle=draw_nonlinear_car, roads="patched") == transfer.UNSEEN
    assert transfer.UNSEEN.roads not in source
    assert draw_nonlinear_car.__name__ not in source


def test_what_was_seen_and_what_was_not_are_apart() -> None:
    assert "patched" not in {world.roads for world in transfer.WORLDS.values()}
    assert list(transfer.UNSEEN_WORLDS.values())[-1] == transfer.UNSEEN
