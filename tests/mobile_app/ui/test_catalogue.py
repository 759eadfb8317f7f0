"""The French catalogue is whole, and our reader of .po files reads what gettext's own reads."""

from __future__ import annotations

import gettext
import io
import shutil
import string
import subprocess

import pytest

from mobile_app.ui.catalogue import UnreadableCatalogue, compiled, read_entries
from mobile_app.ui.words import LANGUAGES, LOCALE
from tools import words as gathering

FRENCH = LOCALE / "fr" / "LC_MESSAGES" / "cahot.po"
UPDATE = "run: python -m tools.words, then translate what it names"


def test_every_text_of_the_sources_is_translated_and_no_other() -> None:
    entries = read_entries(FRENCH.read_text(encoding="utf-8"))
    entries.pop("")
    sources = set(gathering.gathered())
    assert len(sources) > 100
    assert sources - set(entries) == set(), UPDATE
    assert set(entries) - sources == set(), UPDATE
    assert [source for source, translated in entries.items() if not translated.strip()] == [], UPDATE


def test_the_catalogue_is_as_the_tool_writes_it() -> None:
    assert FRENCH.read_text(encoding="utf-8") == gathering.written("fr"), UPDATE


def test_a_translation_has_the_same_places_for_numbers_and_names() -> None:
    for source, translated in read_entries(FRENCH.read_text(encoding="utf-8")).items():
        if source:
            for form in translated.split("\0"):
                assert _names(form) == _names(source.split("\0")[-1]), source


def test_french_has_no_break_before_its_tall_signs() -> None:
    for source, translated in read_entries(FRENCH.read_text(encoding="utf-8")).items():
        if source:
            assert not [sign for sign in (" :", " ;", " ?", " !", " »", "« ") if sign in translated], translated


def test_each_language_but_the_source_has_a_catalogue() -> None:
    assert {path.name for path in LOCALE.iterdir()} == set(LANGUAGES) - {"en"}


@pytest.mark.skipif(shutil.which("msgfmt") is None, reason="msgfmt is missing: apt-get install gettext")
def test_our_compiler_says_what_gettexts_says(tmp_path) -> None:
    done = subprocess.run(
        ["msgfmt", "--check", "-o", tmp_path / "theirs.mo", FRENCH], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    with (tmp_path / "theirs.mo").open("rb") as theirs:
        expected = gettext.GNUTranslations(theirs)
    ours = gettext.GNUTranslations(io.BytesIO(compiled(FRENCH.read_text(encoding="utf-8"))))
    assert ours._catalog == expected._catalog
    assert [ours.ngettext("{count} jolt", "{count} jolts", n) for n in (0, 1, 2)] == [
        "{count} cahot",
        "{count} cahot",
        "{count} cahots",
    ]


def test_what_is_fuzzy_or_untranslated_stays_english() -> None:
    header = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    entries = '#, fuzzy\nmsgid "one"\nmsgstr "un"\n\nmsgid "two"\nmsgstr ""\n\nmsgid "th"\n"ree"\nmsgstr "trois\\n"\n'
    known = gettext.GNUTranslations(io.BytesIO(compiled(header + entries)))
    assert [known.gettext(one) for one in ("one", "two", "three")] == ["one", "two", "trois\n"]


def test_a_damaged_catalogue_names_the_line() -> None:
    with pytest.raises(UnreadableCatalogue, match=r"line 2.*in quotes"):
        compiled('msgid "one"\nmsgstr un\n')


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
