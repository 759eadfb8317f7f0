"""A second phone, live: the HTTP push of the Sensor Logger app, received on this machine.

The server takes the same push (`POST /v1/push/sensorlogger`), with answers a stranger's app can act on and with arrays; both are
its own, and phone code may import neither. What is shared is the format's table below, in two copies held together by a test.
"""

from __future__ import annotations

import hmac
import json
import threading
from bisect import bisect_left
from collections import OrderedDict
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from mobile_app.sensors import Sink
from mobile_app.sensors.gate import Gate

MOST_BYTES = 8 << 20  # of a message; a minute of all sensors at 100 Hz is 3 MB
MOST_REMEMBERED = 10_000  # numbers of messages, to know those that come again: a day at one each ten seconds
WAIT_S = 5.0  # for a message to come whole; others wait meanwhile
REST_HZ = 10.0
GRAVITY_NEAR_S = 2.0  # gravity turns slowly: a sample this old still serves
_XYZ = ("x", "y", "z")
SENSORS = {  # as a message names them, best first, and the method of the sink
    "totalacceleration": ("accelerometer", _XYZ),
    "accelerometer": ("accelerometer", _XYZ),
    "gravity": ("gravity", _XYZ),
    "gyroscope": ("gyroscope", _XYZ),
    "location": ("location", ("latitude", "longitude", "speed", "bearing", "horizontalAccuracy")),
}
Row = tuple[float, tuple[float | None, ...]]


class SensorLoggerSource:
    """Listens on a port of this machine. key: where given, the push URL ends in it: no other phone is mistaken for this one.

    Messages may come late, out of order and again; each is handed over once, as it comes. Between `stop` and `start` they wait
    at the door. address: host and port, once started; port 0 takes a free one.
    """

    def __init__(self, port: int, key: str = "", host: str = "0.0.0.0") -> None:
        if not 0 <= port <= 65_535:
            raise ValueError(f"port {port}: give a number from 1 to 65535")
        self._host, self._port, self._path = host, port, f"/{key}"
        self._door: _Door | None = None
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> tuple[str, int]:
        assert self._door is not None, "not started"
        return self._door.server_address[0], self._door.server_address[1]  # type: ignore[return-value]

    def start(self, sink: Sink, *, motion_hz: float, batch_s: float) -> None:
        """See `Source.start`. What rate and which batches come is set in the app. Raises OSError where the port is taken."""
        self.stop()
        if self._door is None:
            self._door = _Door((self._host, self._port), self._path)
        self._door.messages = Messages(Gate(sink), resting=motion_hz <= 0, before=self._door.messages)
        self._thread = threading.Thread(target=self._door.serve_forever, args=(0.1,), name="sensor-logger", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """See `Source.stop`."""
        thread, self._thread = self._thread, None
        if thread is None or self._door is None:
            return
        if thread is not threading.current_thread():
            self._door.shutdown()
            thread.join()
        if self._door.messages is not None:
            self._door.messages.gate.shut()

    def close(self) -> None:
        """Frees the port."""
        self.stop()
        if self._door is not None:
            self._door.server_close()
            self._door = None


class Messages:
    """Messages to calls of a sink; remembers which were there, also from before a restart."""

    def __init__(self, gate: Gate, resting: bool = False, before: Messages | None = None) -> None:
        self.gate, self._resting = gate, resting
        self._seen: OrderedDict[tuple[str, int], None] = before._seen if before else OrderedDict()
        self._base_ns: int | None = before._base_ns if before else None
        self._gravity: list[Row] = before._gravity if before else []
        self._last_s = float("-inf")
        self._anchored = False

    def take(self, message: Any) -> int:
        """How many readings were of use; 0 for a message that was there before. Raises ValueError for what is no message."""
        if not isinstance(message, dict) or not isinstance(message.get("payload"), list):
            raise ValueError("not a message of Sensor Logger: payload must be a list of readings; set the push format to JSON")
        name = (str(message.get("sessionId", "")), int(message.get("messageId", -1)))
        if name in self._seen:
            return 0
        taken = self._hand_over(self._readings(message["payload"]))
        if name[1] >= 0:
            self._seen[name] = None
            while len(self._seen) > MOST_REMEMBERED:
                self._seen.popitem(last=False)
        return taken

    def _readings(self, payload: list[Any]) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {name: [] for name in SENSORS}
        for reading in payload:
            name = reading.get("name") if isinstance(reading, dict) else None
            if name not in SENSORS:
                continue
            time_ns, values = reading.get("time"), reading.get("values", reading)
            if not isinstance(time_ns, int) or not isinstance(values, dict):
                continue
            row = tuple(_number(values.get(column)) for column in SENSORS[name][1])
            if None in row[:2] or (len(row) == 3 and row[2] is None):
                continue
            if self._base_ns is None:
                self._base_ns = time_ns - 3_600_000_000_000  # an hour: what comes late still has a time above 0
            found[name].append(((time_ns - self._base_ns) / 1e9, row))
        return {name: sorted(rows, key=lambda row: row[0]) for name, rows in found.items()}

    def _hand_over(self, found: dict[str, list[Row]]) -> int:
        self._gravity = found["gravity"] or self._gravity
        felt = found["totalacceleration"] or self._with_gravity(found["accelerometer"])
        if (felt or found["location"]) and not self._anchored:
            self._anchored = True
            t = (felt or found["location"])[0][0]
            self.gate.clock(t, (self._base_ns or 0) / 1e9 + t)
        if self._resting:
            felt = self._thinned(felt)
            rest: list[tuple[str, list[Row]]] = []
        else:
            rest = [("gyroscope", found["gyroscope"]), ("location", _known(found["location"]))]
        for kind, rows in [("accelerometer", felt), *rest]:
            call = getattr(self.gate, kind)
            for t, values in rows:
                call(t, *values)
        return len(felt) + sum(len(rows) for _, rows in rest)

    def _with_gravity(self, moving: list[Row]) -> list[Row]:
        """Acceleration without gravity made whole by the gravity of its time; without one near it, it is of no use."""
        times = [t for t, _ in self._gravity]
        whole: list[Row] = []
        for t, values in moving:
            at = bisect_left(times, t)
            near = min((i for i in (at - 1, at) if 0 <= i < len(times)), key=lambda i: abs(times[i] - t), default=None)
            if near is not None and abs(times[near] - t) <= GRAVITY_NEAR_S:
                pulls = self._gravity[near][1]
                whole.append((t, tuple((a or 0.0) + (b or 0.0) for a, b in zip(values, pulls, strict=True))))
        return whole

    def _thinned(self, rows: list[Row]) -> list[Row]:
        kept = []
        for row in rows:
            if abs(row[0] - self._last_s) >= 0.999 / REST_HZ:
                self._last_s = row[0]
                kept.append(row)
        return kept


class _Door(HTTPServer):
    """The listening socket; it stays open while nobody serves it: messages wait. One visitor at a time: none is cut off."""

    request_queue_size = 64

    def __init__(self, address: tuple[str, int], path: str) -> None:
        self.path, self.messages = path, None
        super().__init__(address, _Visitor)

    messages: Messages | None


class _Visitor(BaseHTTPRequestHandler):
    server: _Door
    protocol_version = "HTTP/1.1"
    timeout = WAIT_S

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        self.close_connection = True  # one message a connection: nobody else may wait for the next one
        if not hmac.compare_digest(self.path.encode(), self.server.path.encode()):
            self._answer(404, "the push URL is not the one that was shown")
        elif not length.isdigit() or int(length) > MOST_BYTES:
            self._answer(413, f"a message has at most {MOST_BYTES} bytes and says how many; shorten the batch period")
        else:
            self._take(self.rfile.read(int(length)))

    def _take(self, body: bytes) -> None:
        assert self.server.messages is not None
        try:
            taken = self.server.messages.take(json.loads(body))
        except (ValueError, TypeError, RecursionError) as error:
            self._answer(400, str(error))
        else:
            self._answer(200, f"{taken} readings")

    def _answer(self, status: int, words: str) -> None:
        data = json.dumps({"detail": words}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a push every second would bury all else."""


def _number(value: object) -> float | None:
    """The finite number, or None."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9:  # NaN is not below anything
        return float(value)
    return None


def _known(fixes: list[Row]) -> list[Row]:
    """speed, bearing and accuracy are negative where the app does not know them."""
    return [(t, (*row[:2], *(v if v is not None and v >= 0 else None for v in row[2:]))) for t, row in fixes]
