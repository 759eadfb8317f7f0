"""Places that a person keeps to themselves, chosen by the screens while the recorder remembers where trips ended."""

from __future__ import annotations

from mobile_app.places import Places
from mobile_app.privacy import cell_of

HOME, SCHOOL = (48.5734, 7.7521), (48.6112, 7.8003)


def test_a_place_added_while_a_trip_is_being_cut_is_not_undone_by_its_end(tmp_path):
    recorder = Places(tmp_path)
    Places(tmp_path).add(*HOME)  # the screens, meanwhile
    recorder.remember([cell_of(*SCHOOL, 500.0)])
    held = Places(tmp_path)
    assert held.added == [cell_of(*HOME, 500.0)]
    assert held.ends == [cell_of(*SCHOOL, 500.0)]


def test_a_place_taken_back_leaves_the_ends_of_trips_alone(tmp_path):
    screens = Places(tmp_path)
    screens.add(*HOME)
    screens.add(*SCHOOL)
    Places(tmp_path).remember([cell_of(*HOME, 500.0)])
    screens.remove(cell_of(*HOME, 500.0))
    held = Places(tmp_path)
    assert held.added == [cell_of(*SCHOOL, 500.0)]
    assert held.ends == [cell_of(*HOME, 500.0)]
    held.forget_ends()
    assert Places(tmp_path).added == [cell_of(*SCHOOL, 500.0)]
    assert Places(tmp_path).ends == []


def test_a_place_can_be_added_before_anything_was_recorded(tmp_path):
    Places(tmp_path / "outbox").add(*HOME)
    assert Places(tmp_path / "outbox").added == [cell_of(*HOME, 500.0)]
