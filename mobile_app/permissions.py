"""In which order the app asks Android for what it needs, one permission at a time, and what is left when one is refused.

Notifications first, then location, then location in the background: Android refuses the last unless it is asked for alone and
after the second. Pure but for `Android`, which is imported into late. Each step wants its reason shown before it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

FINE, COARSE = "android.permission.ACCESS_FINE_LOCATION", "android.permission.ACCESS_COARSE_LOCATION"
BACKGROUND = "android.permission.ACCESS_BACKGROUND_LOCATION"
NOTIFICATIONS = "android.permission.POST_NOTIFICATIONS"
API_BACKGROUND = 29  # Android 10: location in the background is a permission of its own
API_NOTIFICATIONS = 33  # Android 13: so are notifications


class Step(StrEnum):
    """What is asked for, in this order."""

    NOTIFICATIONS = "notifications"
    LOCATION = "location"
    BACKGROUND = "background"


class Access(StrEnum):
    """What the recorder may do with what was granted."""

    NONE = "none"  # it may not be started: Android would kill it
    APPROXIMATE = "approximate"  # location to a kilometre only: of no use, and the recorder is not started
    WHILE_USING = "while_using"  # it starts when the app is opened, and goes on when it is closed
    ALWAYS = "always"  # it also starts by itself after a restart of the phone or an update


class Platform(Protocol):
    """Android, or what stands for it."""

    def api_level(self) -> int: ...

    def holds(self, permission: str) -> bool: ...

    def ask(self, permissions: list[str], answered: Callable[[], None]) -> None:
        """Shows the system's question, or none where it was refused for good. `answered` is called on any thread, or at once."""


@dataclass(frozen=True)
class Standing:
    """What is held on a phone of this API level."""

    api_level: int
    held: frozenset[str]

    @property
    def access(self) -> Access:
        if FINE not in self.held:
            return Access.APPROXIMATE if COARSE in self.held else Access.NONE
        return Access.ALWAYS if self._has(Step.BACKGROUND) else Access.WHILE_USING

    @property
    def may_record(self) -> bool:
        """Whether the recorder's service may be started while the app is on the screen."""
        return FINE in self.held

    def next_step(self, asked: frozenset[Step] = frozenset()) -> Step | None:
        """What to ask for now; None: nothing is missing, or what is missing was refused. asked: in this round."""
        for step in Step:
            if step in asked or self._has(step):
                continue
            if step is Step.BACKGROUND and FINE not in self.held:
                return None
            return step
        return None

    def _has(self, step: Step) -> bool:
        if step is Step.NOTIFICATIONS:
            return self.api_level < API_NOTIFICATIONS or NOTIFICATIONS in self.held
        if step is Step.LOCATION or self.api_level < API_BACKGROUND:
            return FINE in self.held
        return BACKGROUND in self.held


def standing(platform: Platform) -> Standing:
    """Looked up anew: a person may take away in the settings what was granted, at any time."""
    every = (FINE, COARSE, BACKGROUND, NOTIFICATIONS)
    return Standing(platform.api_level(), frozenset(one for one in every if platform.holds(one)))


class Round:
    """One round of questions, each at most once. `step` is what to explain now and then to `ask` for; None: it is over."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._asked: frozenset[Step] = frozenset()

    @property
    def step(self) -> Step | None:
        return standing(self._platform).next_step(self._asked)

    def ask(self, answered: Callable[[], None]) -> None:
        """Asks for the step; its answer is in `step` and `standing` once `answered` is called, on any thread."""
        step = self.step
        if step is None:
            answered()
            return
        self._asked |= {step}
        self._platform.ask(_PERMISSIONS[step], answered)

    def skip(self) -> None:
        """The person does not want to be asked for this one now."""
        if self.step is not None:
            self._asked |= {self.step}


_PERMISSIONS = {
    Step.NOTIFICATIONS: [NOTIFICATIONS],
    Step.LOCATION: [FINE, COARSE],  # Android 12 on ignores a question for the fine one alone
    Step.BACKGROUND: [BACKGROUND],  # alone: Android 11 on ignores it beside others
}


class Android:
    """The phone, by python-for-android's module. For the screens' process: a service has nobody to ask."""

    def api_level(self) -> int:
        from jnius import autoclass

        return int(autoclass("android.os.Build$VERSION").SDK_INT)

    def holds(self, permission: str) -> bool:
        from android.permissions import check_permission

        return bool(check_permission(permission))

    def ask(self, permissions: list[str], answered: Callable[[], None]) -> None:
        from android.permissions import request_permissions

        request_permissions(permissions, lambda _permissions, _granted: answered())  # what holds is looked up, not believed


class Unasked:
    """A desktop, and iOS, whose system asks by itself when the sensors are first used."""

    def api_level(self) -> int:
        return 0

    def holds(self, permission: str) -> bool:
        return True

    def ask(self, permissions: list[str], answered: Callable[[], None]) -> None:
        answered()
