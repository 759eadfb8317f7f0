"""The language of the screens: sentences by gettext, numbers and dates as its readers write them.

English is the source. One language at a time for the whole process, as there is one person before the screen.
"""

from __future__ import annotations

import gettext
import io
import time
from functools import cache
from pathlib import Path

from mobile_app.ui.catalogue import translations

LOCALE = Path(__file__).parents[1] / "locale"
LANGUAGES = {"en": "English", "fr": "Français"}  # each in its own words
_POINTS = {"en": (".", ","), "fr": (",", "\u00a0")}  # of decimals, of thousands; the narrow space is missing in Roboto
_in_use = ["en"]


def use(language: str, system: str = "en") -> str:
    """Speaks a language from now on; "system": the phone's (as "fr" or "fr_FR"), English where it is not ours. Returns it."""
    wanted = (system if language == "system" else language).replace("-", "_").partition("_")[0].lower()
    _in_use[0] = wanted if wanted in LANGUAGES else "en"
    return _in_use[0]


def language() -> str:
    return _in_use[0]


def _(text: str) -> str:
    """The text in the language in use; as it is where nobody translated it."""
    return _catalogue(_in_use[0]).gettext(text) if text else ""


def n_(one: str, many: str, count: int) -> str:
    """The form for so many."""
    return _catalogue(_in_use[0]).ngettext(one, many, count)


def N_(text: str) -> str:
    """Marks a text that is translated later, where it is shown."""
    return text


def number(value: float, digits: int = 0) -> str:
    """With a decimal comma where that is the custom: 1,234.5 or 1 234,5."""
    point, thousands = _POINTS[_in_use[0]]
    text = f"{abs(value):,.{digits}f}"
    minus = "\u2212" if value < 0 and float(f"{value:.{digits}f}") != 0 else ""
    return minus + text.translate({ord("."): point, ord(","): thousands})


def distance(km: float) -> str:
    """Kilometres, as exact as is of use: 0.4, 12.3, 1,204."""
    return number(km, 1 if km < 99.95 else 0)


def clock_time(at_s: float) -> str:
    """Hours and minutes where the phone is."""
    return time.strftime("%H:%M", time.localtime(at_s))


def day(at_s: float) -> str:
    """Weekday, day and month: Sat 28 Nov, sam. 28 nov."""
    at = time.localtime(at_s)
    weekdays = _("Mon Tue Wed Thu Fri Sat Sun").split()
    months = _("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec").split()
    return f"{weekdays[at.tm_wday]} {at.tm_mday} {months[at.tm_mon - 1]}"


def when(at_s: float, now_s: float) -> str:
    """The time; with the day where it is not today."""
    today = time.localtime(at_s)[:3] == time.localtime(now_s)[:3]
    return clock_time(at_s) if today else f"{day(at_s)}, {clock_time(at_s)}"


def duration(seconds: float) -> str:
    """Hours and minutes: 45 min, 1 h 05."""
    minutes = int(max(seconds, 0.0) // 60)
    return f"{minutes // 60}\u00a0h\u00a0{minutes % 60:02d}" if minutes >= 60 else f"{minutes}\u00a0min"


def size(count: int) -> str:
    """Of a file or a queue: 340 kB, 2.1 MB."""
    return f"{number(count / 1e6, 1)}\u00a0{_('MB')}" if count >= 1e6 else f"{number(-(-count // 1000))}\u00a0{_('kB')}"


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    data = translations(LOCALE, language)
    return gettext.GNUTranslations(io.BytesIO(data)) if data else gettext.NullTranslations()
