"""`python info_plist.py cahot-ios/cahot-Info.plist`: writes into the project that kivy-ios made what iOS wants to be told."""

from __future__ import annotations

import plistlib
import sys
from pathlib import Path
from typing import Any

KEYS: dict[str, Any] = {
    "CFBundleDisplayName": "Cahot",
    "CFBundleLocalizations": ["en", "fr"],
    "UIBackgroundModes": ["location"],  # motion goes on as long as location does
    "UIRequiredDeviceCapabilities": ["accelerometer", "gps"],
    "NSMotionUsageDescription": "Cahot feels the road by the phone's motion sensors: a pothole is a jolt.",
    "NSLocationWhenInUseUsageDescription": "Cahot notes where the road jolts. The ends of your trips never leave the phone.",
    "NSLocationAlwaysAndWhenInUseUsageDescription": "So that Cahot notices by itself when you drive. "
    "The ends of your trips never leave the phone.",
}


def with_our_keys(plist: dict[str, Any], version: str) -> dict[str, Any]:
    """All that was there, and ours; ours win."""
    return plist | KEYS | {"CFBundleShortVersionString": version}


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not Path(arguments[0]).is_file():
        print("usage: python info_plist.py cahot-ios/cahot-Info.plist (made by: toolchain create Cahot …)", file=sys.stderr)
        return 2
    path = Path(arguments[0])
    path.write_bytes(plistlib.dumps(with_our_keys(plistlib.loads(path.read_bytes()), _version())))
    return 0


def _version() -> str:
    """Of the app, as buildozer.spec says it."""
    lines = (Path(__file__).resolve().parents[1] / "buildozer.spec").read_text().splitlines()
    return next(line.partition("=")[2].strip() for line in lines if line.startswith("version ="))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
