"""`python -m ingest.commands` is `cahot`, whatever the PATH."""

from ingest.commands.main import main

main()
