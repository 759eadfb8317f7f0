"""A proxy in front of a server that does what networks do: cuts after some bytes, swallows answers, delays, resets."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
import threading
from collections import Counter

SHARE_BAD = 0.4  # of connections, while it is bad
SORTS = ("cut request", "cut answer", "no answer", "delay", "reset")


class BadNetwork:
    """Listens at `port` for 127.0.0.1:server_port, in a thread of its own. bad: whether it does any of this. faults: counts."""

    def __init__(self, server_port: int, dice: random.Random) -> None:
        self.bad, self.faults = False, Counter[str]()
        self._to, self._dice = server_port, dice
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(asyncio.start_server(self._serve, sock=self._listening))
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()

    async def _serve(self, phone: asyncio.StreamReader, to_phone: asyncio.StreamWriter) -> None:
        sort = self._dice.choice(SORTS) if self.bad and self._dice.random() < SHARE_BAD else ""
        if sort:
            self.faults[sort] += 1
        try:
            server, to_server = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            to_phone.close()
            return
        up = self._dice.randrange(6000) if sort == "cut request" else None
        down = {"cut answer": self._dice.randrange(1, 400), "no answer": 0, "reset": self._dice.randrange(200)}.get(sort)
        both = (self._pass(phone, to_server, up, sort), self._pass(server, to_phone, down, sort))
        await asyncio.wait([asyncio.ensure_future(one) for one in both], return_when=asyncio.FIRST_COMPLETED)
        if sort == "reset":
            with contextlib.suppress(OSError, AttributeError):
                to_phone.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        for end in (to_server, to_phone):
            end.close()

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, most: int | None, sort: str) -> None:
        """Bytes on, until one side ends or so many went through."""
        with contextlib.suppress(OSError):
            while data := await source.read(4096):
                if sort == "delay":
                    await asyncio.sleep(self._dice.uniform(0.0, 0.1))
                if most is not None and len(data) > most:
                    target.write(data[:most])
                    await target.drain()
                    return
                most = None if most is None else most - len(data)
                target.write(data)
                await target.drain()
