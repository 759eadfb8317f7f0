"""The Java interfaces that Android calls, in Python. Imported only where pyjnius works.

A method that is missing here would be an exception inside Android: all of an interface's methods are here, its default ones too.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from jnius import PythonJavaClass, java_method

from mobile_app.sensors.android.context import java, sdk

IS_MOCK_SDK = 31  # from here on Location.isMock


class SensorListener(PythonJavaClass):  # type: ignore[misc]  # pyjnius has no types
    """Of one sensor. take: stamp in s, x, y, z; called on the looper's thread, in bursts."""

    __javainterfaces__ = ("android/hardware/SensorEventListener2", "android/hardware/SensorEventListener")

    def __init__(self, take: Callable[[float, float, float, float], None]) -> None:
        super().__init__()
        self._take, self._event = take, java("android.hardware.SensorEvent")
        self.flushed = threading.Event()

    def invoke(self, method: Any, *given: Any) -> Any:
        """As pyjnius calls all of Java's calls, short-cut for the one that comes hundreds of times a second.

        pyjnius finds the Python method by asking Java for the signature once more, which takes a third of all time.
        """
        if len(given) == 1 and type(given[0]) is self._event:
            return self.onSensorChanged(given[0])
        return super().invoke(method, *given)

    @java_method("(Landroid/hardware/SensorEvent;)V")
    def onSensorChanged(self, event: Any) -> None:
        values = event.values  # a copy: Android fills the same event again
        self._take(event.timestamp / 1e9, values[0], values[1], values[2])

    @java_method("(Landroid/hardware/Sensor;I)V")
    def onAccuracyChanged(self, sensor: Any, accuracy: int) -> None:
        """How well the sensor thinks of itself; the trace says it better."""

    @java_method("(Landroid/hardware/Sensor;)V")
    def onFlushCompleted(self, sensor: Any) -> None:
        self.flushed.set()


class PlaceListener(PythonJavaClass):  # type: ignore[misc]
    """Of one location provider. fix: elapsed s, latitude, longitude, speed, bearing, accuracy, whether another app made it up."""

    __javainterfaces__ = ("android/location/LocationListener",)

    def __init__(self, fix: Callable[..., None], switched: Callable[[bool], None]) -> None:
        super().__init__()
        self._fix, self._switched = fix, switched
        self._mock = "isMock" if sdk() >= IS_MOCK_SDK else "isFromMockProvider"

    @java_method("(Landroid/location/Location;)V", name="onLocationChanged")
    def onLocationChanged(self, place: Any) -> None:
        self._fix(
            place.getElapsedRealtimeNanos() / 1e9,
            place.getLatitude(),
            place.getLongitude(),
            place.getSpeed() if place.hasSpeed() else None,
            place.getBearing() if place.hasBearing() else None,
            place.getAccuracy() if place.hasAccuracy() else None,
            bool(getattr(place, self._mock)()),
        )

    @java_method("(Ljava/util/List;)V", name="onLocationChanged")
    def onLocationsChanged(self, places: Any) -> None:
        """Android 12 and newer hand over several at once."""
        for at in range(places.size()):
            self.onLocationChanged(places.get(at))

    @java_method("(I)V")
    def onFlushComplete(self, request: int) -> None:
        """Nobody asks for it."""

    @java_method("(Ljava/lang/String;)V")
    def onProviderEnabled(self, provider: str) -> None:
        self._switched(True)

    @java_method("(Ljava/lang/String;)V")
    def onProviderDisabled(self, provider: str) -> None:
        self._switched(False)

    @java_method("(Ljava/lang/String;ILandroid/os/Bundle;)V")
    def onStatusChanged(self, provider: str, status: int, extras: Any) -> None:
        """Called by Android 9 and older; what it says shows in the fixes."""


class Moved(PythonJavaClass):  # type: ignore[misc]
    """A Runnable for `org.cahot.MotionTrigger`."""

    __javainterfaces__ = ("java/lang/Runnable",)

    def __init__(self, act: Callable[[], None]) -> None:
        super().__init__()
        self._act = act

    @java_method("()V")
    def run(self) -> None:
        self._act()
