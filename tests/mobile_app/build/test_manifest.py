"""AndroidManifest.xml as python-for-android renders it for our spec, with what our hook adds."""

from __future__ import annotations

import re
import runpy
import xml.etree.ElementTree as ET

import pytest
from packed import APP, Packed

from mobile_app import permissions

ANDROID = "{http://schemas.android.com/apk/res/android}"
HOOK = runpy.run_path(str(APP / "on_android" / "hook.py"))


@pytest.fixture(scope="module")
def manifest(packed: Packed) -> ET.Element:
    return ET.parse(packed.manifest).getroot()


def test_the_recorder_is_a_service_of_type_location_in_a_process_of_its_own(manifest):
    (service,) = manifest.findall("application/service")
    assert service.get(ANDROID + "name") == "org.cahot.cahot.ServiceRecorder"
    assert service.get(ANDROID + "foregroundServiceType") == "location"
    assert service.get(ANDROID + "process") == ":service_Recorder"


def test_the_manifest_asks_for_what_the_app_asks_for_at_run_time_and_for_nothing_of_no_use(manifest):
    asked = {element.get(ANDROID + "name").removeprefix("android.permission.") for element in manifest.findall("uses-permission")}
    for permission in (permissions.FINE, permissions.COARSE, permissions.BACKGROUND, permissions.NOTIFICATIONS):
        assert permission.removeprefix("android.permission.") in asked
    assert {"FOREGROUND_SERVICE", "FOREGROUND_SERVICE_LOCATION", "INTERNET", "WAKE_LOCK", "RECEIVE_BOOT_COMPLETED"} <= asked
    assert not asked & {"HIGH_SAMPLING_RATE_SENSORS", "READ_PHONE_STATE", "WRITE_EXTERNAL_STORAGE", "RECORD_AUDIO"}


def test_one_receiver_starts_the_recorder_again_and_no_other_app_may_call_it(manifest):
    (receiver,) = manifest.findall("application/receiver")
    assert receiver.get(ANDROID + "name") == "org.cahot.StartAgain"
    assert receiver.get(ANDROID + "exported") == "false"
    actions = {element.get(ANDROID + "name") for element in receiver.findall("intent-filter/action")}
    assert actions == {"android.intent.action.BOOT_COMPLETED", "android.intent.action.MY_PACKAGE_REPLACED"}


def test_what_was_recorded_is_in_no_backup_and_the_levels_are_ours(manifest):
    assert manifest.find("application").get(ANDROID + "allowBackup") == "false"
    sdk = manifest.find("uses-sdk")
    assert (sdk.get(ANDROID + "minSdkVersion"), sdk.get(ANDROID + "targetSdkVersion")) == ("24", "35")


def test_the_systems_bars_cover_nothing_of_ours_on_android_15(manifest, packed: Packed):
    assert manifest.find("application").get(ANDROID + "theme") == "@style/CahotTheme"
    resources = packed.dist / "src" / "main" / "res"
    styles = {folder: ET.parse(resources / folder / "theme.xml").find("style") for folder in ("values", "values-v35")}
    assert {style.get("name") for style in styles.values()} == {"CahotTheme"}
    assert {style.get("parent") for style in styles.values()} == {"@android:style/Theme.NoTitleBar"}
    items = {item.get("name"): item.text for item in styles["values-v35"]}
    assert items == {"android:windowOptOutEdgeToEdgeEnforcement": "true"}
    assert not list(styles["values"]), "older compilers of resources know no such item"


def test_texts_pictures_and_java_reach_the_gradle_project(packed: Packed):
    resources = packed.dist / "src" / "main" / "res"
    texts = {
        folder: set(re.findall(r'name="(\w+)"', (resources / folder / "cahot.xml").read_text()))
        for folder in ("values", "values-fr")
    }
    assert texts["values"] == texts["values-fr"]
    java = (APP / "on_android" / "java" / "org" / "cahot" / "RecorderService.java").read_text()
    assert set(re.findall(r'"(cahot_recorder\w*)"', java)) == texts["values"]
    assert (resources / "drawable" / "cahot_status.png").exists()
    assert (resources / "mipmap" / "icon_foreground.png").read_bytes() == (
        APP / "on_android" / "icon_foreground.png"
    ).read_bytes()
    assert "copied/on_android/java" in (packed.dist / "build.gradle").read_text()


def test_the_hook_run_twice_writes_one_receiver():
    once = HOOK["with_receiver"]("<manifest><application></application></manifest>")
    assert HOOK["with_receiver"](once) == once


def test_a_template_without_an_application_is_told_and_not_written():
    with pytest.raises(ValueError, match="there is no </application>"):
        HOOK["with_receiver"]("<manifest/>")
