"""The recorder as a process of its own: `python -m mobile_app.service --home DIR [--source SPEC]`.

Wires the parts and runs until SIGTERM. Its person decides on the screens (`choices`), which show what it tells (`status`). Exit
code 0: told to stop; 1: it cannot run, one line on stderr says why; 2: wrong usage.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from mobile_app import durable
from mobile_app.diary import Diary
from mobile_app.finishing import Finisher
from mobile_app.home import Home
from mobile_app.locking import AlreadyRuns, Lock
from mobile_app.loop import Finds, Loop, LoopSettings
from mobile_app.network import Always, AndroidNetwork, Network, Unsaid
from mobile_app.outbox import Outbox
from mobile_app.power import Battery
from mobile_app.recorder import finish, recover
from mobile_app.sensors import Source
from mobile_app.sensors.choosing import UnknownSource, on_android, on_ios, source_of
from mobile_app.sync import Sync
from mobile_app.warning import Sign

BOOT = Path("/proc/sys/kernel/random/boot_id")


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(prog="mobile_app.service", description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--home", type=Path, required=True, help="the app's folder, shared with the screens")
    options.add_argument("--source", default="auto", help="where samples come from, see mobile_app/sensors/choosing.py")
    options.add_argument("--quiet", action="store_true", help="say nothing on stdout")
    chosen = options.parse_args(arguments)
    try:
        source = source_of(chosen.source)
    except UnknownSource as error:
        print(error, file=sys.stderr)
        return 1
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    try:
        serve(Home(chosen.home), source, stopping.wait, on_start=None if chosen.quiet else _say(chosen.home))
    except (AlreadyRuns, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def serve(
    home: Home,
    source: Source,
    stopping: Callable[[float], bool],
    *,
    on_start: Callable[[], None] | None = None,
    settings: LoopSettings | None = None,
    battery: Battery | None = None,
    boot: str | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Records until stopping(seconds to wait) says so. Raises AlreadyRuns, OSError where the folder cannot be used."""
    durable.make_folder(home.folder)
    lock = Lock(home.lock)
    outbox, diary = Outbox(home.outbox), Diary(home.diary)
    recorded: list[Callable[[], Collection[str]]] = []
    sync = Sync(home, network_here(), outbox, lambda: {trip for told in recorded for trip in told()})
    finisher = Finisher(lambda trip_id: finish(outbox, trip_id, diary), sync.wake)
    recover(outbox, keep=[trip.trip_id for trip in outbox.trips()])  # chunks of what was cut off; what is ended is cut below
    loop = Loop(
        home,
        source,
        outbox,
        finisher,
        battery=battery or battery_here(),
        sender=sync,
        finds=finds_here(),
        sign=sign_here(),
        boot=boot_id() if boot is None else boot,
        settings=settings,
        clock=clock,
    )
    recorded += [loop.recorded, lambda: finisher.busy]
    finisher.start()
    sync.start()
    if on_start is not None:
        on_start()
    try:
        loop.run(stopping)
    finally:
        sync.stop()
        finisher.stop()
        lock.release()


def boot_id() -> str:
    """The same until the phone is started again; empty where the system does not say."""
    try:
        return BOOT.read_text().strip()
    except OSError:
        return ""


def network_here() -> Network:
    """Asked for on the main thread: the threads that Python makes do not find the app's own Java classes."""
    if on_android():
        from mobile_app.sensors.android.context import context
        from mobile_app.sensors.fallback import CannotStart

        try:
            return AndroidNetwork(context())
        except CannotStart:
            return Unsaid()
    return Unsaid() if on_ios() else Always()


def battery_here() -> Battery | None:
    """The phone's; a desktop is not asked."""
    if on_android():
        from mobile_app.sensors.android.state import AndroidBattery

        return AndroidBattery()
    if on_ios():
        from mobile_app.sensors.battery import PlyerBattery

        return PlyerBattery()
    return None


def sign_here() -> Sign | None:
    """None where no way is known to make one without the screens."""
    if on_android():
        from mobile_app.sensors.android.sign import AndroidSign

        return AndroidSign()
    if on_ios():
        from mobile_app.sensors.ios_sign import IosSign

        return IosSign()
    return None


def finds_here() -> Finds | None:
    """None where there is no numpy: it records all the same."""
    try:
        from mobile_app.finding import Finding
    except ImportError:
        return None
    return Finding()


def _say(folder: Path) -> Callable[[], None]:
    return lambda: print(f"recording into {folder}; stop with Ctrl-C", flush=True)


if __name__ == "__main__":
    sys.exit(main())
