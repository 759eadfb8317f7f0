"""The app's own listeners against Java classes: run by test_sensors_on_a_jvm in a process of its own, prints what it found."""

from __future__ import annotations

import json

from kept_calls import Kept, wait_for

from mobile_app.network import AndroidNetwork
from mobile_app.sensors.android import AndroidSource
from mobile_app.sensors.android.context import clocks, java
from mobile_app.sensors.android.sign import AndroidSign
from mobile_app.sensors.android.state import AndroidBattery

EVENTS = 20_000
ACCELEROMETER, GYROSCOPE = 1, 4


def listening() -> dict[str, object]:
    """A batch of both sensors, fixes one by one and several at once, the receiver switched off; then what is left of it."""
    hub, places, location = (
        java(name)
        for name in ("android.hardware.SystemSensorManager", "android.location.LocationManager", "android.location.Location")
    )
    kept, source = Kept(), AndroidSource()
    source.start(kept, motion_hz=100.0, batch_s=5.0)
    asked = {"period_us": hub.lastPeriodUs, "latency_us": hub.lastLatencyUs, "locks": java("android.os.PowerManager").held}
    began_ns = int((clocks().elapsed_s - 4.5) * 1e9)
    hub.deliver(ACCELEROMETER, EVENTS, began_ns, 200_000)
    hub.deliver(GYROSCOPE, EVENTS // 2, began_ns, 400_000)
    wait_for(lambda: len(kept.gyroscopes) > EVENTS // 2 - 500)  # what is left comes by the flush, however busy this machine is
    place = location(48.5, 2.25, began_ns)
    place.speed = 13.5
    invented = location(1.0, 1.0, began_ns)
    invented.mock = True
    places.deliver(place)
    places.deliverTwo(location(48.625, 2.25, began_ns + 1_000_000_000), invented)
    places.switchTo(False)
    source.stop()  # flushes: what was posted before comes all
    at_stop = kept.calls
    told = hub.deliver(ACCELEROMETER, 10, began_ns, 1)
    return asked | {
        "began_s": began_ns / 1e9,
        "first": kept.accelerometers[0],
        "last": kept.accelerometers[-1],
        "accelerometers": len(kept.accelerometers),
        "gyroscopes": len(kept.gyroscopes),
        "gaps": sum(after[0] <= before[0] for before, after in zip(kept.accelerometers, kept.accelerometers[1:], strict=False)),
        "fixes": kept.fixes,
        "troubles": kept.troubles,
        "clocks": kept.clocks,
        "threads": len(kept.threads),
        "after_stop": kept.calls - at_stop,
        "left": [hub.listening(), told, java("android.os.PowerManager").held],
    }


def resting() -> dict[str, object]:
    """The trigger fires, a burst of samples comes; and what is left after stopping."""
    hub, kept, source = java("android.hardware.SystemSensorManager"), Kept(), AndroidSource(look_s=0.02)
    source.start(kept, motion_hz=0.0, batch_s=10.0)
    before = [hub.armed(), hub.listening()]
    hub.move()
    wait_for(lambda: hub.listening() == 1)
    hub.deliver(ACCELEROMETER, 5, int(clocks().elapsed_s * 1e9) - 400_000_000, 100_000_000)
    wait_for(lambda: len(kept.accelerometers) == 5)
    during = [hub.armed(), hub.listening(), hub.lastPeriodUs, java("android.os.PowerManager").held]
    source.stop()
    return {"before": before, "during": during, "after": [hub.armed(), hub.listening(), java("android.os.PowerManager").held]}


def refused() -> dict[str, object]:
    """No permission for location, none for fast sensors, no gyroscope."""
    hub, places, kept = java("android.hardware.SystemSensorManager"), java("android.location.LocationManager"), Kept()
    hub.gyroscope, hub.refuseFast, places.allowed = False, True, False
    source = AndroidSource()
    source.start(kept, motion_hz=400.0, batch_s=0.0)
    period_us = hub.lastPeriodUs
    source.stop()
    hub.gyroscope, hub.refuseFast, places.allowed = True, False, True
    return {"troubles": kept.troubles, "period_us": period_us}


def asleep() -> dict[str, object]:
    """Sensors that count without the time the phone slept."""
    hub, system, kept, source = (
        java("android.hardware.SystemSensorManager"), java("android.os.SystemClock"), Kept(), AndroidSource()
    )  # fmt: skip
    system.asleepMs = 600_000
    source.start(kept, motion_hz=100.0, batch_s=0.0)
    now = clocks()
    hub.deliver(ACCELEROMETER, 100, int((now.uptime_s - 1) * 1e9), 10_000_000)
    wait_for(lambda: len(kept.accelerometers) == 100)
    source.stop()
    system.asleepMs = 0
    return {"off_s": kept.accelerometers[-1][0] - (now.elapsed_s - 0.01)}


def telling() -> dict[str, object]:
    """Battery and network."""
    battery, network = java("android.os.BatteryManager"), java("android.net.ConnectivityManager")
    found = {"battery": AndroidBattery().read(), "abroad": AndroidNetwork().link()}
    battery.charging, battery.percent, network.metered = True, -(2**31), False
    found |= {"unknown": AndroidBattery().read(), "at_home": AndroidNetwork().link()}
    network.connected = False
    return found | {"nowhere": AndroidNetwork().link()}


def signs() -> dict[str, object]:
    """A shake on a phone of today and on an old one, and two tones."""
    shaker, tones, version, sign = (
        java("android.os.Vibrator"), java("android.media.ToneGenerator"), java("android.os.Build$VERSION"), AndroidSign()
    )  # fmt: skip
    sign.vibrate()
    found = {"shake": shaker.last}
    version.SDK_INT = 24
    sign.vibrate()
    version.SDK_INT = 34
    sign.sound()
    sign.sound()
    return found | {"old_shake": shaker.last, "tone": tones.last, "generators": tones.made}


print(json.dumps({act.__name__: act() for act in (listening, resting, refused, asleep, telling, signs)}))
