"""Which source, from the text that the recorder's `--source` is given:

auto                               this phone's own sensors
android, ios, plyer                one of its ways to them
replay:PATH?speed=20&before_s=30   a recording held as wire chunks (`replay`)
sensor-logger:8700?key=…           a phone that pushes to this machine (`sensor_logger`)
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode

from mobile_app.sensors import Source


class UnknownSource(ValueError):
    """The text names no source that this machine has; `str(error)` says which there are."""


def source_of(spec: str) -> Source:
    """The source, not yet started. Raises UnknownSource."""
    told, _, query = spec.partition("?")
    kind, _, where = told.partition(":")
    options = dict(parse_qsl(query, keep_blank_values=True))
    make = _KINDS.get(kind)
    if make is None:
        raise UnknownSource(f"--source {spec}: {kind!r} is none of {', '.join(_KINDS)}")
    try:
        return make(unquote(where), options)
    except (TypeError, ValueError) as error:
        raise UnknownSource(f"--source {spec}: {error}") from None


def replay_spec(path: Path, **options: float) -> str:
    """The text for a replay: whatever the path holds, it comes back whole."""
    return f"replay:{quote(str(path))}" + (f"?{urlencode(options)}" if options else "")


def _auto(where: str, options: dict[str, str]) -> Source:
    """Our own listeners, and plyer where they do not work."""
    from mobile_app.sensors.fallback import FirstThatWorks

    if on_android():
        return FirstThatWorks([_android(where, {}), _plyer(where, {})])
    if on_ios():
        return FirstThatWorks([_ios(where, {}), _plyer(where, {})])
    raise ValueError("this machine has no motion sensors; give replay:PATH or sensor-logger:PORT")


def _android(_where: str, options: dict[str, str]) -> Source:
    from mobile_app.sensors.android import AndroidSource

    _no(options)
    return AndroidSource()


def _ios(_where: str, options: dict[str, str]) -> Source:
    from mobile_app.sensors.ios import IosSource

    _no(options)
    return IosSource()


def _plyer(_where: str, options: dict[str, str]) -> Source:
    from mobile_app.sensors.plyer_source import PlyerSource

    _no(options)
    return PlyerSource()


def _replay(where: str, options: dict[str, str]) -> Source:
    from mobile_app.sensors.replay import Replay

    return Replay(Path(where), **_numbers(options))


def _sensor_logger(where: str, options: dict[str, str]) -> Source:
    from mobile_app.sensors.sensor_logger import SensorLoggerSource

    return SensorLoggerSource(int(where), **options)


_KINDS: dict[str, Callable[[str, dict[str, str]], Source]] = {
    "auto": _auto,
    "android": _android,
    "ios": _ios,
    "plyer": _plyer,
    "replay": _replay,
    "sensor-logger": _sensor_logger,
}


def on_android() -> bool:
    """python-for-android sets the variable; Python 3.13 and newer say so themselves."""
    return sys.platform == "android" or "ANDROID_ARGUMENT" in os.environ


def on_ios() -> bool:
    return sys.platform == "ios" or os.environ.get("KIVY_BUILD") == "ios"


def _no(options: dict[str, str]) -> None:
    if options:
        raise ValueError(f"it takes no options, not {', '.join(options)}")


def _numbers(options: dict[str, str]) -> dict[str, float]:
    return {name: float(value) for name, value in options.items()}
