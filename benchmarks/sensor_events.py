"""What a sample costs on its way from Java to the sink, on a real JVM: `python -m benchmarks.sensor_events`.

The listener is the app's own, the classes of Android are stubs (benchmarks/android_stubs). A phone's core is slower than this
machine's: the ratio to the sink's own call says what pyjnius adds.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
JAVA = (
    ROOT / "benchmarks" / "android_stubs",
    ROOT / "mobile_app" / "on_android" / "java" / "org" / "cahot" / "MotionTrigger.java",
)
EVENTS = 20_000
MEASURE = """
import json, sys, time
from mobile_app.sensors.android import AndroidSource
from mobile_app.sensors.android.context import clocks, java

class Sink:
    def __init__(self):
        self.count = 0
    def accelerometer(self, t, x, y, z):
        self.count += 1
    def gyroscope(self, *told): pass
    location = clock = trouble = gyroscope

count, sink, source = int(sys.argv[1]), Sink(), AndroidSource()
source.start(sink, motion_hz=100.0, batch_s=10.0)
hub = java("android.hardware.SystemSensorManager")
def deliver(many):
    began, until, cpu = time.perf_counter(), sink.count + many, time.process_time()
    hub.deliver(1, many, int((clocks().elapsed_s - 9) * 1e9), 400_000)
    while sink.count < until:
        time.sleep(0.01)
    return (time.process_time() - cpu) / many * 1e6, (time.perf_counter() - began) / many * 1e6
deliver(2000)  # the JVM warms up
cpu_us, wall_us = deliver(count)
arrived, began = sink.count - 2000, time.perf_counter()
for i in range(count):
    sink.accelerometer(i, 0.0, 0.0, 9.8)
plain_us = (time.perf_counter() - began) / count * 1e6
source.stop()
print(json.dumps({"events": arrived, "cpu_us": cpu_us, "wall_us": wall_us, "plain_us": plain_us}))
"""


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--events", type=int, default=EVENTS)
    events = given.parse_args().events
    why = missing()
    if why:
        sys.exit(why)
    with tempfile.TemporaryDirectory() as folder:
        found = json.loads(run(compile_java(Path(folder)), "-c", MEASURE, str(events)))
    times = f"{found['cpu_us']:.0f} µs of CPU each ({found['wall_us']:.0f} µs on the clock)"
    print(f"{found['events']} events through the app's listener, {times}")
    print(f"that is {found['cpu_us'] / found['plain_us']:.0f} times the call of the sink alone ({found['plain_us']:.2f} µs)")
    print(f"100 Hz × 2 sensors: {200 * found['cpu_us'] / 1e4:.1f} % of one core of this machine")


def missing() -> str | None:
    """Why a JVM cannot be had here; None where it can."""
    if shutil.which("javac") is None:
        return "no JDK here (javac); on Debian: apt-get install default-jdk-headless"
    try:
        import jnius_config  # noqa: F401  # jnius itself would start a JVM
    except ImportError:
        return "pyjnius is not installed; pip install pyjnius"
    return None


def compile_java(folder: Path) -> Path:
    """The stubs and our own Java classes, compiled; the folder for the class path."""
    files = [str(file) for where in JAVA for file in ([where] if where.is_file() else where.rglob("*.java"))]
    subprocess.run(["javac", "-nowarn", "-d", str(folder), *files], check=True, capture_output=True)
    return folder


def run(classes: Path, *arguments: str) -> str:
    """The last line that Python prints, given these arguments and a JVM that knows the classes. Raises RuntimeError: why not."""
    environment = os.environ | {"CLASSPATH": str(classes), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0 or "Traceback" in done.stderr:
        raise RuntimeError(f"exit code {done.returncode}: {done.stderr[-4000:]}")
    return done.stdout.splitlines()[-1]


if __name__ == "__main__":
    main()
