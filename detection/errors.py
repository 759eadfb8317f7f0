"""What can be wrong with what a person gave us.

Every error carries the numbers and a way out, so that the edges (command line, HTTP) only translate
it: class to exit code or status, never text to text. Not for programming mistakes: those stay
ordinary exceptions.
"""

from __future__ import annotations


class CahotError(Exception):
    """Base of all errors a user can cause and mend; `str(error)` is one line fit to be shown."""


class UnreadableRecording(CahotError):
    """A recording cannot be read: names file, member and line where known, what is wrong, what to do."""

    def __init__(
        self,
        path: object,
        why: str,
        remedy: str,
        *,
        member: str | None = None,
        line: int | None = None,
    ) -> None:
        self.path, self.member, self.line, self.why, self.remedy = str(path), member, line, why, remedy
        where = self.path
        if member:
            where += f" > {member}"
        if line is not None:
            where += f", line {line}"
        super().__init__(f"{where}: {why}; {remedy}")


class InvalidTrace(CahotError):
    """The columns of a trace break one of its invariants."""

    def __init__(self, field: str, value: object, why: str, remedy: str) -> None:
        self.field, self.value, self.why, self.remedy = field, value, why, remedy
        super().__init__(f"{field}={value!r}: {why}; {remedy}")


class SamplingRateTooLow(CahotError):
    """The phone delivered fewer samples a second than any jolt needs."""

    def __init__(self, actual_hz: float, needed_hz: float) -> None:
        self.actual_hz, self.needed_hz = actual_hz, needed_hz
        super().__init__(
            f"the accelerometer delivered {actual_hz:.1f} samples a second and jolts need at least "
            f"{needed_hz:g}; record again with a faster sensor setting"
        )


class PartMissing(CahotError):
    """What was asked for needs a package that is not installed."""

    def __init__(self, task: str, package: str, extra: str) -> None:
        self.task, self.package, self.extra = task, package, extra
        super().__init__(f"{task} needs {package}, which is not installed; pip install 'cahot[{extra}]'")
