"""Our Java, compiled against python-for-android's service and the class that it generates for ours, and run on a JVM."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from android_stand_ins import write_stand_ins
from packed import APP, Packed

TRY = """
import android.content.*;
import android.os.Build;
public class Try extends org.cahot.cahot.ServiceRecorder {
    public static void main(String[] said) {
        Context.background = true;
        Build.VERSION.SDK_INT = Integer.parseInt(said[1]);
        if (!said[2].isEmpty()) Context.granted.add(said[2]);
        if (said[0].equals("service")) {
            android.app.Service.refuses = said[3];
            new Try().doStartForeground(getDefaultIntent(new Context(), "", "", "", "").getExtras());
        } else {
            new org.cahot.StartAgain().onReceive(new Context(), new Intent(said[0]));
        }
    }
}
"""
STARTED = "startForegroundService org.cahot.cahot.ServiceRecorder recorder_service.py\n"


@pytest.fixture(scope="module")
def classes(packed: Packed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("javac") is None:
        pytest.skip("javac is not installed: apt-get install default-jdk-headless")
    folder = tmp_path_factory.mktemp("java")
    (folder / "Try.java").write_text(TRY)
    theirs = packed.dist / "src" / "main" / "java" / "org"
    sources = [
        *write_stand_ins(folder / "android"),
        *(APP / "on_android" / "java").rglob("*.java"),
        theirs / "kivy" / "android" / "PythonService.java",
        theirs / "cahot" / "cahot" / "ServiceRecorder.java",
        folder / "Try.java",
    ]
    command = [
        "javac",
        "-nowarn",
        "-source",
        "8",
        "-target",
        "8",
        "-Xlint:-options",
        "-d",
        str(folder / "classes"),
        *map(str, sources),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "classes"


def said(classes: Path, what: str, api: int, granted: str, refuses: str = "") -> str:
    command = ["java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", str(classes), "Try", what, str(api), granted, refuses]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def test_the_service_shows_a_lasting_notification_in_a_channel_that_is_seen(classes):
    lines = said(classes, "service", 35, "fine").splitlines()
    assert lines == ["channel recorder cahot_recorder 2", "foreground 1 cahot_recorder_runs true", "cancel 1000"]


def test_the_service_that_may_not_start_says_so_and_ends_instead_of_crashing(classes):
    lines = said(classes, "service", 35, "", "needs location").splitlines()
    assert [line for line in lines if not line.startswith("channel")] == [
        "warning the recorder may not start now",
        "notify 1000 cahot_recorder_stopped",
        "stopSelf",
    ]


def test_before_android_8_there_are_no_channels(classes):
    assert "channel" not in said(classes, "service", 24, "fine")


@pytest.mark.parametrize("event", ["boot", "replaced"])
def test_a_restart_and_an_update_start_the_recorder_where_it_may_have_location_all_the_time(classes, event):
    assert said(classes, event, 35, "background") == STARTED


def test_location_while_using_the_app_starts_nothing_from_the_background(classes):
    assert said(classes, "boot", 35, "fine") == ""


def test_before_android_10_location_is_location(classes):
    assert said(classes, "boot", 28, "fine") == STARTED
    assert said(classes, "boot", 24, "fine").startswith("startService org.cahot.cahot.ServiceRecorder")


def test_other_events_start_nothing(classes):
    assert said(classes, "other", 35, "background") == ""
