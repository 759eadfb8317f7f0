"""A short tone or a shake, by Android's own services: the recorder's process has neither plyer nor Kivy."""

from __future__ import annotations

from typing import Any

from mobile_app.sensors.android.context import java, sdk, service

SHAKE_MS, TONE_MS = 300, 250
DEFAULT_AMPLITUDE = -1  # VibrationEffect.DEFAULT_AMPLITUDE
STREAM_NOTIFICATION, TONE_PROP_BEEP = 5, 24  # AudioManager's, ToneGenerator's
LOUDNESS = 60  # of 100, of what its person set for notifications
EFFECTS_SINCE = 26  # API level of VibrationEffect; before, a length is all that can be said


class AndroidSign:
    """A `warning.Sign`. The tone's generator is made with the first tone and kept: a new one each time would run out."""

    def __init__(self) -> None:
        self._tones: Any = None

    def sound(self) -> None:
        if self._tones is None:
            self._tones = java("android.media.ToneGenerator")(STREAM_NOTIFICATION, LOUDNESS)
        self._tones.startTone(TONE_PROP_BEEP, TONE_MS)

    def vibrate(self) -> None:
        shaker = service("vibrator", "android.os.Vibrator")
        if sdk() < EFFECTS_SINCE:
            shaker.vibrate(SHAKE_MS)
        else:
            shaker.vibrate(java("android.os.VibrationEffect").createOneShot(SHAKE_MS, DEFAULT_AMPLITUDE))
