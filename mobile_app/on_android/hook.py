"""Run by python-for-android while it builds (`p4a.hook`): writes into the manifest what buildozer has no key for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

MANIFEST = Path("src/main/AndroidManifest.xml")
RECEIVER = """
    <receiver android:name="org.cahot.StartAgain" android:exported="false">
        <intent-filter>
            <action android:name="android.intent.action.BOOT_COMPLETED" />
            <action android:name="android.intent.action.MY_PACKAGE_REPLACED" />
        </intent-filter>
    </receiver>
"""
_END = "</application>"


def after_apk_build(_toolchain: Any) -> None:
    """Called in the folder of the distribution, when the manifest is rendered and Gradle has not yet read it."""
    MANIFEST.write_text(with_receiver(MANIFEST.read_text()))


def with_receiver(manifest: str) -> str:
    """The manifest with our receiver, once. Raises ValueError where it has no end of the application."""
    if RECEIVER in manifest:
        return manifest
    head, end, tail = manifest.rpartition(_END)
    if not end:
        raise ValueError(f"AndroidManifest.xml: there is no {_END}; has python-for-android's template changed?")
    return head + RECEIVER + end + tail
