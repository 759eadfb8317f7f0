"""How old the offline copy is."""

from __future__ import annotations

import pytest

from mobile_app.ui.told.age import age, changed_s, fetched_s


@pytest.mark.parametrize(
    ("old_s", "words"),
    [
        *((-50, "up to date"), (0, "up to date"), (119, "up to date"), (120, "2 minutes old"), (3599, "59 minutes old")),
        *((3600, "1 hour old"), (7300, "2 hours old"), (86_399, "23 hours old"), (86_400, "1 day old"), (9e5, "10 days old")),
    ],
)
def test_age_is_told_in_the_largest_unit_that_fits(old_s, words):
    assert age(1e9, 1e9 + old_s) == words


def test_what_was_never_fetched_says_so(tmp_path):
    assert age(fetched_s(None), 1e9) == age(fetched_s({"fetched_at_s": "today"}), 1e9) == "not fetched yet"
    assert fetched_s({"fetched_at_s": 5}) == 5.0
    assert changed_s(tmp_path / "none") is None
