"""What About says: what is kept where, and whose work the app stands on."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib import metadata

from mobile_app.ui.agreement import Section
from mobile_app.ui.words import N_

KEPT = (
    Section(
        "phone",
        N_("On this phone"),
        N_(
            "The trip under way, whole, until it ends. Then what may be sent, until the server has it. What the diary tells of "
            "each trip, and the squares of 500 m that trips ended in: these never leave the phone."
        ),
    ),
    Section(
        "server",
        N_("On the city’s server"),
        N_(
            "Your trips without their ends, under a random number. The jolts that were found, and the way you drove, with times. "
            "Until you delete it, or as long as your city says."
        ),
    ),
    Section(
        "people",
        N_("For everyone to see"),
        N_("Defects and streets that several phones have passed, with the day and not the hour. Never a trip, never a number."),
    ),
    Section(
        "never",
        N_("With nobody else"),
        N_("No advertising, no statistics services, no map service: the app talks to your city’s server and to nothing else."),
    ),
)


@dataclass(frozen=True)
class Work:
    """Somebody else's work in the app. package: its name where it is installed, "" where it has no version to look up."""

    name: str
    licence: str
    package: str = ""


WORKS = (
    Work("Python", "PSF-2.0"),
    Work("Kivy", "MIT", "Kivy"),
    Work("plyer", "MIT", "plyer"),
    Work("NumPy", "BSD-3-Clause", "numpy"),
    Work("Roboto", "Apache-2.0"),
    Work("SDL 2", "Zlib"),
)


def version() -> str:
    """Of the app; "" where it runs from a folder that was not installed."""
    return _version("cahot")


def licences() -> list[str]:
    """Name, version and licence of each work, a line each."""
    python = Work(f"Python {platform.python_version()}", "PSF-2.0")
    return [
        " ".join(part for part in (work.name, _version(work.package), "·", work.licence) if part) for work in (python, *WORKS[1:])
    ]


def _version(package: str) -> str:
    if not package:
        return ""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:  # on a phone nothing was installed by pip
        return ""
