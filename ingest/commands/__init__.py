"""The command line `cahot`, the outermost shell: parses, calls one function, shows the answer.

It may import everything; nothing imports it. The parts of the server are imported when a command needs them, so that
`cahot detect` works without the `server` extra.
"""

from ingest.commands.main import main

__all__ = ["main"]
