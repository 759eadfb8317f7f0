"""A second phone that pushes: over real HTTP, in any order, again, late, and what is no message."""

from __future__ import annotations

import json
import random
import threading
import urllib.error
import urllib.request

import pytest
from kept_calls import Kept, wait_for

from detection.readers.sensorlogger_push import PUSHED
from mobile_app.sensors.sensor_logger import SENSORS, SensorLoggerSource

BEGAN_NS = 1_777_878_720_000_000_000


@pytest.fixture
def source():
    one = SensorLoggerSource(0, key="door", host="127.0.0.1")
    yield one
    one.close()


def push(source, body: object, path: str = "/door") -> int:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    host, port = source.address
    request = urllib.request.Request(f"http://{host}:{port}{path}", data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def message(number: int, *, names=("totalacceleration", "gyroscope", "location"), session="drive") -> dict:
    """One second, 50 Hz: sample i of the drive has x = i."""
    payload = []
    for i in range(50 * number, 50 * number + 50):
        ns = BEGAN_NS + i * 20_000_000
        values = {"totalacceleration": (i, 0.0, 9.75), "accelerometer": (i, 0.0, 0.0), "gravity": (0.0, 0.0, 9.75)}
        for name in names:
            if name != "location":
                payload.append({"name": name, "time": ns, "values": dict(zip("xyz", values.get(name, (0, 0, 0.5)), strict=True))})
            elif i % 50 == 0:
                fix = {"latitude": 48.5, "longitude": 2.25, "speed": 9.5, "bearing": -1, "horizontalAccuracy": 5.0}
                payload.append({"name": name, "time": ns, "values": fix})
    return {"messageId": number, "sessionId": session, "deviceId": "x", "payload": payload}


def test_messages_in_any_order_and_again_are_handed_over_once(source):
    kept = Kept()
    source.start(kept, motion_hz=100.0, batch_s=0.0)
    numbers = [*range(40), *range(0, 40, 3)]
    random.Random(1).shuffle(numbers)
    for number in numbers:
        assert push(source, message(number)) == 200
    source.stop()
    rows = sorted(kept.accelerometers)
    assert [row[1] for row in rows] == list(range(2000))
    assert rows[-1][0] - rows[0][0] == pytest.approx(1999 / 50)
    assert len(kept.gyroscopes) == 2000
    assert len(kept.fixes) == 40
    assert kept.fixes[0][1:] == (48.5, 2.25, 9.5, None, 5.0)
    t, utc_s = kept.clocks[0]
    first_s = next(t for t, x, *_ in kept.accelerometers if x == 0)
    assert utc_s + (first_s - t) == pytest.approx(BEGAN_NS / 1e9)


def test_what_comes_minutes_late_still_has_its_time(source):
    kept = Kept()
    source.start(kept, motion_hz=100.0, batch_s=0.0)
    push(source, message(400))
    push(source, message(0))
    source.stop()
    late, early = kept.accelerometers[0], kept.accelerometers[50]
    assert late[0] - early[0] == pytest.approx(400)
    assert early[0] > 0


def test_gravity_is_added_where_the_phone_sends_it_apart(source):
    kept = Kept()
    source.start(kept, motion_hz=100.0, batch_s=0.0)
    push(source, message(0, names=("accelerometer", "gravity")))
    push(source, message(200, names=("accelerometer",)))  # no gravity near: of no use
    source.stop()
    assert [row[1:] for row in kept.accelerometers] == [(i, 0.0, 9.75) for i in range(50)]


def test_messages_wait_while_nobody_listens_and_are_known_after(source):
    kept = Kept()
    source.start(kept, motion_hz=100.0, batch_s=0.0)
    push(source, message(0))
    source.stop()
    calls = kept.calls
    codes = []
    pushing = threading.Thread(target=lambda: codes.extend(push(source, message(number)) for number in (0, 1)))
    pushing.start()
    pushing.join(0.2)
    assert (kept.calls, codes) == (calls, [])
    source.start(kept, motion_hz=100.0, batch_s=0.0)
    pushing.join()
    wait_for(lambda: len(kept.accelerometers) == 100)
    source.stop()
    assert codes == [200, 200]
    assert [row[1] for row in kept.accelerometers] == list(range(100))


def test_at_rest_only_the_accelerometer_counts_and_rarely(source):
    kept = Kept()
    source.start(kept, motion_hz=0.0, batch_s=0.0)
    push(source, message(0))
    source.stop()
    assert len(kept.accelerometers) == 10
    assert (kept.gyroscopes, kept.fixes) == ([], [])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"not json", 400),
        (b"[1]", 400),
        (b'{"payload": 3}', 400),
        (b'{"payload": [], "messageId": "x"}', 400),
        ({"messageId": 1, "payload": [7, {"name": "gravity"}, {"name": "totalacceleration", "time": "x"}]}, 200),
        (
            {"messageId": 2, "payload": [{"name": "totalacceleration", "time": BEGAN_NS, "values": {"x": "1", "y": 0, "z": 0}}]},
            200,
        ),
        ({"messageId": 3, "payload": [{"name": "location", "time": BEGAN_NS, "latitude": 48.5}]}, 200),
    ],
)
def test_nonsense_is_answered_and_brings_nothing(source, body, code):
    kept = Kept()
    source.start(kept, motion_hz=100.0, batch_s=0.0)
    assert push(source, body) == code
    assert push(source, message(9)) == 200
    source.stop()
    assert len(kept.accelerometers) == 50


def test_another_phone_without_the_key_is_turned_away(source):
    kept = Kept()
    source.start(kept, motion_hz=100.0, batch_s=0.0)
    assert push(source, message(0), path="/v1/push/sensorlogger") == 404
    source.stop()
    assert kept.calls == 0


def test_the_table_of_the_format_is_that_of_the_server():
    for name, (_, columns) in SENSORS.items():
        assert PUSHED[name] == columns
