"""A proxy in front of a server that may be killed: plays one fault at a time, as it is told, and hears all that phones send."""

from __future__ import annotations

import contextlib
import random
import socket
import struct
import threading
import time
from collections import Counter

FAULTS = (
    *("refused", "503", "busy with Retry-After", "half-open", "slow", "cut request", "cut answer"),
    *("lost answer", "reset", "duplicated", "server killed"),
)
PIECE = 1 << 16
GIVE_UP_S = 10.0  # of a silent end: longer than any phone here waits


class FaultyProxy:
    """Listens at `port`. next_fault: what a connection meets, None for nothing; after `spared` others. heard: each connection's
    bytes from the phone.

    played: how often each fault was met. kill: called for "server killed", at some byte of the request.
    """

    def __init__(self, dice: random.Random) -> None:
        self.server_port = 0
        self.next_fault: str | None = None
        self.spared = 0
        self.played, self.heard = Counter[str](), list[bytearray]()
        self.kill = lambda: None
        self._dice = dice
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                phone, _ = self._listening.accept()
            except OSError:
                return
            fault = None
            if self.spared:
                self.spared -= 1
            else:
                fault, self.next_fault = self.next_fault, None
            heard = bytearray()
            self.heard.append(heard)
            threading.Thread(target=self._serve, args=(phone, fault, heard), daemon=True).start()

    def _serve(self, phone: socket.socket, fault: str | None, heard: bytearray) -> None:
        if fault:
            self.played[fault] += 1
        with contextlib.suppress(OSError), phone:
            phone.settimeout(GIVE_UP_S)
            if fault == "refused":
                return
            if fault in ("503", "busy with Retry-After"):
                _answer_503(phone, heard, "Retry-After: 0\r\n" if fault != "503" else "")
                return
            if fault == "half-open":
                while data := phone.recv(PIECE):
                    heard += data
                return
            with socket.create_connection(("127.0.0.1", self.server_port), timeout=GIVE_UP_S) as server:
                self._pass(phone, server, fault, heard)

    def _pass(self, phone: socket.socket, server: socket.socket, fault: str | None, heard: bytearray) -> None:
        up = self._dice.randrange(1, 150_000) if fault in ("cut request", "server killed") else None
        down = {"cut answer": self._dice.randrange(1, 1500), "lost answer": 0, "reset": self._dice.randrange(1500)}.get(
            fault or ""
        )
        back = threading.Thread(target=self._back, args=(server, phone, down, fault), daemon=True)
        back.start()
        with contextlib.suppress(OSError):
            self._forth(phone, server, up, fault, heard)
        back.join(GIVE_UP_S)
        if fault == "duplicated":
            self._again(bytes(heard))

    def _forth(self, phone: socket.socket, server: socket.socket, most: int | None, fault: str | None, heard: bytearray) -> None:
        while data := phone.recv(2048 if fault == "slow" else PIECE):
            heard += data
            if fault == "slow":
                time.sleep(0.005)
            if most is not None and len(heard) > most:
                server.sendall(data[: max(len(data) - (len(heard) - most), 0)])
                if fault == "server killed":
                    self.kill()
                _hang_up(phone, server)
                return
            server.sendall(data)
        if fault == "server killed":  # the request was shorter than that
            self.kill()
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_WR)

    def _back(self, server: socket.socket, phone: socket.socket, most: int | None, fault: str | None) -> None:
        count = 0
        with contextlib.suppress(OSError):
            while data := server.recv(PIECE):
                count += len(data)
                if most is not None and count > most:
                    phone.sendall(data[: max(len(data) - (count - most), 0)])
                    if fault == "reset":
                        phone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    break
                phone.sendall(data)
        _hang_up(phone, server)

    def _again(self, request: bytes) -> None:
        """All of it once more, as a network that repeats does; nobody hears the answer."""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.server_port), timeout=GIVE_UP_S) as server:
            server.sendall(request)
            server.shutdown(socket.SHUT_WR)
            while server.recv(PIECE):
                pass


def _answer_503(phone: socket.socket, heard: bytearray, more: str) -> None:
    heard += phone.recv(PIECE)
    phone.sendall(f"HTTP/1.1 503 Service Unavailable\r\n{more}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
    phone.settimeout(0.3)
    while phone.recv(PIECE):
        pass


def _hang_up(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
