"""Numbers, dates and sentences in the language in use."""

from __future__ import annotations

import time

import pytest

from mobile_app import reasons
from mobile_app.said import Said
from mobile_app.ui import words
from mobile_app.ui.sentences import reason_of, translated

SATURDAY_S = 1_795_874_700.0  # 28 November 2026, 14:05 UTC


@pytest.fixture(autouse=True)
def utc(monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("language", "system", "used"),
    [
        ("system", "fr_FR.UTF-8", "fr"),
        ("system", "de_DE", "en"),
        ("en", "fr", "en"),
        ("fr", "en", "fr"),
        ("system", "", "en"),
        ("system", "fr-CA", "fr"),
    ],
)
def test_the_language_is_the_chosen_one_or_the_phones_or_english(language, system, used) -> None:
    assert words.use(language, system) == words.language() == used


@pytest.mark.parametrize(
    ("value", "digits", "english", "french"),
    [
        (1234.5, 1, "1,234.5", "1\u00a0234,5"),
        (0.0, 0, "0", "0"),
        (-2.25, 1, "\u22122.2", "\u22122,2"),
        (-0.01, 1, "0.0", "0,0"),
        (1_234_567, 0, "1,234,567", "1\u00a0234\u00a0567"),
    ],
)
def test_numbers_are_written_as_their_readers_write_them(value, digits, english, french) -> None:
    assert words.number(value, digits) == english
    words.use("fr")
    assert words.number(value, digits) == french


def test_distances_are_as_exact_as_is_of_use() -> None:
    assert [words.distance(km) for km in (0.04, 12.34, 99.94, 99.96, 1204.4)] == ["0.0", "12.3", "99.9", "100", "1,204"]


def test_times_of_another_day_name_the_day() -> None:
    assert words.when(SATURDAY_S, SATURDAY_S + 60) == "14:05"
    assert words.when(SATURDAY_S, SATURDAY_S + 86_400) == "Sat 28 Nov, 14:05"
    words.use("fr")
    assert words.when(SATURDAY_S, SATURDAY_S + 86_400) == "sam. 28 nov., 14:05"


def test_every_month_and_weekday_has_its_word_in_both_languages() -> None:
    for language in words.LANGUAGES:
        words.use(language)
        assert len({words.day(SATURDAY_S + 86_400 * n).split()[0] for n in range(7)}) == 7
        assert len({words.day(SATURDAY_S + 86_400 * 30.5 * n).split()[-1] for n in range(12)}) == 12


def test_durations_and_sizes_are_short() -> None:
    assert [words.duration(seconds).replace("\u00a0", "_") for seconds in (-5, 59, 60, 3600, 3900)] == [
        "0_min",
        "0_min",
        "1_min",
        "1_h_00",
        "1_h_05",
    ]
    assert [words.size(count).replace("\u00a0", "_") for count in (0, 1, 340_000, 2_100_000)] == [
        "0_kB",
        "1_kB",
        "340_kB",
        "2.1_MB",
    ]
    words.use("fr")
    assert words.size(2_100_000) == "2,1\u00a0Mo"


ALL_REASONS = [text for name, text in vars(reasons).items() if name.isupper() and isinstance(text, str)]


@pytest.mark.parametrize("text", ALL_REASONS)
def test_what_the_recorder_says_in_english_is_shown_in_french(text) -> None:
    values = {"address": "x://?", "date": "Mon 3 Aug", "count": 2, "of": 7, "reason": "too old; {it} is"}
    sentence = str(Said(text, values))
    assert translated(sentence) == sentence
    words.use("fr")
    said = translated(sentence)
    assert said != sentence
    assert all(str(values[name]) in said for name in values if f"{{{name}}}" in text)
    assert reason_of(sentence) == text


def test_a_sentence_nobody_knows_is_shown_as_it_is() -> None:
    words.use("fr")
    assert translated("The moon is in the way.") == "The moon is in the way."
    assert reason_of("The moon is in the way.") is None
