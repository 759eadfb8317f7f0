"""What the screens know at one instant: read from the files of the home folder, never asked of another process."""

from __future__ import annotations

from dataclasses import dataclass, field

from mobile_app import deleting
from mobile_app.choices import Choices, load_choices
from mobile_app.home import Home
from mobile_app.status import Status, read_status


@dataclass(frozen=True)
class Seen:
    now_s: float  # since 1970, UTC
    choices: Choices = field(default_factory=Choices)
    status: Status = field(default_factory=Status)
    failed_deletions: tuple[str, ...] = ()  # names of wishes that no server will ever be asked for (`deleting`)

    @property
    def recorder_gone(self) -> bool:
        """No status was written lately: what is shown is old."""
        return self.status.stale(self.now_s)


def look_at(home: Home, now_s: float) -> Seen:
    failed = tuple(wish.name for wish in deleting.wishes(home) if wish.failed)
    return Seen(now_s, load_choices(home.choices), read_status(home.status), failed)
