"""A short tone or a shake of an iPhone, by AudioToolbox's system sounds: they obey the ring switch and end by themselves.

Written after Apple's documentation of `AudioServicesPlaySystemSound`, a C function; tested against a library that notes what it
is told, never run on an iPhone.
"""

from __future__ import annotations

import ctypes
from typing import Any

LIBRARY = "/System/Library/Frameworks/AudioToolbox.framework/AudioToolbox"
VIBRATE, TONE = 4095, 1057  # kSystemSoundID_Vibrate; "Tink", the softest of the system's short ones


class IosSign:
    """A `warning.Sign`. Raises OSError or AttributeError where the system has no such library or function."""

    def __init__(self) -> None:
        self._library: Any = None

    def sound(self) -> None:
        self._play(TONE)

    def vibrate(self) -> None:
        self._play(VIBRATE)

    def _play(self, number: int) -> None:
        if self._library is None:
            self._library = ctypes.CDLL(LIBRARY)
        self._library.AudioServicesPlaySystemSound(ctypes.c_uint32(number))
