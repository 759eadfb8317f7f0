"""The real API on a real socket, without a worker, in a thread: what the phone's side is tested against."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import uvicorn

from ingest.api import create_app
from ingest.settings import Doors, Settings
from ingest.store import Store, open_store


class CityServer:
    """Use as a context. store: to look at what it keeps."""

    def __init__(self, data: Path, *, with_codes: bool = False) -> None:
        self.settings = Settings(data, enrol_with_codes=with_codes, doors=Doors())
        self.store: Store = open_store(self.settings)
        config = uvicorn.Config(create_app(self.settings, self.store), port=0, log_level="error", lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def __enter__(self) -> CityServer:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        self.url = f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        self.store.database.close()
