"""What the person of this phone decided: consent, when to send, how it looks. Written by the screens, obeyed by the recorder."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from mobile_app import durable

CONSENT_VERSION = 1  # of the text that is agreed to; whoever agreed to an older one is asked again
THEMES = ("system", "light", "dark")
ALERTS = ("off", "sound", "vibration")
LANGUAGES = ("system", "en", "fr")


@dataclass(frozen=True)
class Choices:
    """Frozen: `replace` it and `save` it. Times are seconds since 1970, UTC; 0 means never."""

    server_url: str = ""
    enrolment_code: str = ""  # where the city asks for one
    consent_version: int = 0  # which text was agreed to; 0: none
    consented_at_s: float = 0.0
    paused_until_s: float = 0.0
    wifi_only: bool = True
    alert: str = "off"  # ahead of a severe confirmed defect
    theme: str = "system"
    font_scale: float = 1.0  # on top of the phone's own; the screens keep both together below 2
    language: str = "system"

    @property
    def agreed(self) -> bool:
        """Whether recording was agreed to, in the words of today."""
        return self.consent_version >= CONSENT_VERSION

    def agree(self, now_s: float) -> Choices:
        return replace(self, consent_version=CONSENT_VERSION, consented_at_s=now_s)

    def paused(self, now_s: float) -> bool:
        return now_s < self.paused_until_s


def load_choices(path: Path) -> Choices:
    """Those in the file; where it is missing or damaged, the defaults: no consent, so nothing is recorded.

    A value of another type or not on offer gives way to its default, so that no file of an older app stops this one.
    """
    told, defaults = durable.read_json(path) or {}, Choices()
    known = {field.name: told[field.name] for field in fields(Choices) if field.name in told}
    return replace(defaults, **{name: value for name, value in known.items() if _fits(name, value, getattr(defaults, name))})


def save_choices(path: Path, choices: Choices) -> None:
    """On the disk on return."""
    durable.make_folder(path.parent)
    durable.write_json(path, asdict(choices))


def _fits(name: str, value: Any, default: Any) -> bool:
    on_offer = {"theme": THEMES, "alert": ALERTS, "language": LANGUAGES}.get(name)
    if on_offer is not None:
        return value in on_offer
    if type(default) is float:
        return type(value) in (int, float) and value == value and abs(value) < 1e12
    return type(value) is type(default)
