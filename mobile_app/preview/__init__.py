"""Jolts as the phone itself sees them, for the screens and the diary: the light part of the server's detection.

numpy at most, a few seconds of samples at a time, no trained trees: what it finds agrees with the server for most jolts, not
for all (`python -m benchmarks.phone_preview`). It decides nothing: the server looks at every trip again. docs/phone.md says how.
"""

from mobile_app.preview.streaming import Preview

__all__ = ["Preview"]
