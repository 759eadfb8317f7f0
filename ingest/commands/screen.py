"""What a terminal shows: one-line complaints and progress on stderr, tables on stdout."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Self

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

if TYPE_CHECKING:  # at run time the tables bring it; `cahot --help` should not wait for it
    import pandas as pd

_WIDTH_OF_A_PIPE = 220  # columns; what is not a terminal must not lose digits to one's width


class WrongUsage(Exception):
    """The command was called in a way that cannot work: exit code 2. One line."""


class UnusableInput(Exception):
    """What was given cannot be used: exit code 1. One line."""


def say(line: str) -> None:
    """One line about what was done, on stderr: stdout belongs to the data."""
    print(line, file=sys.stderr, flush=True)


def complain(line: str) -> None:
    """An error, as one line on stderr, whatever it holds (file names may hold line breaks)."""
    say("cahot: " + " ".join(str(line).split("\n")).strip())


def progress() -> Progress:
    """Bars on stderr that vanish when done; silent where stderr is not a terminal."""
    console = Console(stderr=True)
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


class Legs:
    """Several bars of known length, filling side by side; where there is no terminal, a line at each quarter of each."""

    def __init__(self, totals: Mapping[str, int]) -> None:
        self._bars = progress()
        self._totals = totals
        self._done = dict.fromkeys(totals, 0)
        self._tasks = {name: self._bars.add_task(name, total=total) for name, total in totals.items()}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def show(self, name: str, done: int) -> None:
        """So much of this leg is done by now."""
        total, before = self._totals[name], self._done[name]
        self._done[name] = done
        self._bars.update(self._tasks[name], completed=done)
        if self._bars.disable and 4 * done // total > 4 * before // total:
            say(f"{name}: {done} of {total}")


def show(table: pd.DataFrame, *, title: str | None = None, left: Sequence[str] = ()) -> None:
    """Prints a table on stdout: texts (and the columns named in `left`) to the left, numbers to the right."""
    drawn = Table(box=SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False)
    for name in table.columns:
        numeric = table[name].dtype.kind in "iuf" and name not in left
        drawn.add_column(name, justify="right" if numeric else "left", no_wrap=True)
    for row in table.itertuples(index=False):
        drawn.add_row(*(_cell(value) for value in row))
    console = Console(markup=False, highlight=False)
    if not console.is_terminal:
        console.width = _WIDTH_OF_A_PIPE
    with console.capture() as drawing:  # rich would end the process itself where the reader is gone
        console.print(drawn)
    sys.stdout.write(drawing.get())


def _cell(value: object) -> str:
    if value is None or value != value:  # NaN alone differs from itself
        return "–"
    return f"{value:.10g}" if isinstance(value, float) else str(value)
