"""Pictures as files: by the ending of the name, whole or absent."""

from __future__ import annotations

import os
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from detection.errors import PartMissing
from detection.export import UnwritableOutput, check_output

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ENDINGS = (".pdf", ".png", ".svg")
DPI = 110  # 12 inches are 1320 pixels: all of it on a laptop's screen


def check_plot(path: Path) -> None:
    """Raises UnwritableOutput unless `path` could be written, PartMissing where matplotlib is not installed: before the work."""
    if find_spec("matplotlib") is None:
        raise PartMissing("drawing", "matplotlib", "plots")
    check_output(path, ENDINGS)


def save(figure: Figure, path: Path) -> None:
    """Writes the figure in the format of its ending, the same bytes each time. Raises UnwritableOutput."""
    from matplotlib import rc_context

    ending = path.suffix.lower()
    dated = {".pdf": {"CreationDate": None}, ".svg": {"Date": None}}.get(ending)
    try:
        with tempfile.TemporaryDirectory(prefix=".cahot-", dir=path.parent) as folder, rc_context({"svg.hashsalt": "cahot"}):
            whole = Path(folder) / f"plot{ending}"
            figure.savefig(whole, dpi=DPI, metadata=dated)
            os.replace(whole, path)
    except OSError as error:
        raise UnwritableOutput(path, error.strerror or str(error), "free some space or choose another folder") from error
