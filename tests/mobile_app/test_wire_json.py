"""The JSON chunk is as strict as the binary one, and says the same."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import pytest
from chunk_samples import STARTED_AT_US, TRIP, any_columns, encoded, small
from hypothesis import given, settings
from hypothesis import strategies as st

from detection.trace import Trace
from mobile_app import wire


def as_json(**changes) -> dict:
    fields = {"started_at": "2026-05-04T07:12:00Z", **small()}
    for path, value in changes.items():
        stream, _, column = path.partition("__")
        if column:
            fields[stream][column] = value
        else:
            fields[stream] = value
    return fields


@given(any_columns)
def test_json_and_bytes_say_the_same(columns):
    chunk = wire.decode(wire.encode(TRIP, 5, STARTED_AT_US, **columns))
    twin = wire.decode_json(json.dumps(wire.chunk_to_json(chunk)).encode(), TRIP, 5)
    assert (twin.trip_id, twin.number, twin.started_at_us) == (TRIP, 5, STARTED_AT_US)
    for name in ("accelerometer", "gyroscope", "location"):
        one, other = getattr(chunk, name), getattr(twin, name)
        assert (one is None) == (other is None)
        if one is not None:
            np.testing.assert_array_equal(one.t_s, other.t_s)
            for column in one.columns:
                np.testing.assert_array_equal(one.columns[column], other.columns[column])


@given(any_columns)
@settings(max_examples=50)
def test_whatever_json_accepts_can_be_encoded(columns):
    given_columns = {name: one for name, one in columns.items() if one is not None}
    chunk = wire.decode_json(json.dumps({"started_at": "2026-05-04T07:12:00Z", **given_columns}))
    streams = {n: getattr(chunk, n) for n in given_columns}
    data = wire.encode(TRIP, 0, chunk.started_at_us, **{n: {"t": s.t_s, **s.columns} for n, s in streams.items()})
    assert len(wire.decode(data).accelerometer) == len(columns["accelerometer"]["t"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "is not JSON in UTF-8"),
        (b"\xff\xfe{}", "is not JSON in UTF-8"),
        (b"[]", "is not a JSON object"),
        (b'{"accelerometer": {"t": [NaN]}}', "body='NaN': JSON knows no such number"),
        (b'{"accelerometer": {"t": [-Infinity]}}', "body='-Infinity': JSON knows no such number"),
        (b'{"started_at": "a", "started_at": "b"}', "started_at='twice': the field stands there twice"),
        (b"[" * 200_000, "is not the JSON of a chunk"),
        (b'{"a":' * 200_000, "is not the JSON of a chunk"),
        (b'{"accelerometer": {"t": [' + b"9" * 5000 + b"]}}", "is not JSON in UTF-8"),
        (b"{}", "accelerometer=None: is missing"),
        (b'{"accelerometer": null}', "accelerometer=None: is missing"),
    ],
)
def test_a_text_that_is_no_chunk_is_refused(text, message):
    with pytest.raises(wire.ChunkError) as caught:
        wire.decode_json(text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"colour": 1}, "colour=1: is not a field of a chunk; known are started_at, accelerometer"),
        ({"accelerometer__w": []}, "accelerometer.w=list of 0: is not a column; known are t, x, y, z"),
        ({"accelerometer": [1, 2]}, "accelerometer=list of 2: is not an object of columns"),
        ({"accelerometer__x": None}, "accelerometer.x=None: is not a list of numbers"),
        ({"accelerometer__x": [0, 1]}, "accelerometer.x=2: has 2 values for 3 times"),
        ({"accelerometer__x": [0, True, 1]}, "accelerometer.x[1]=True: is not a number"),
        ({"accelerometer__x": [0, "1", 1]}, "accelerometer.x[1]='1': is not a number"),
        ({"accelerometer__x": [0, None, 1]}, "accelerometer.x[1]=None: is not a number"),
        ({"accelerometer__x": [0, [1], 1]}, "accelerometer.x[1]=list of 1: is not a number"),
        ({"accelerometer__x": [0, 1e999, 1]}, "accelerometer.x[1]=inf: is not a finite number"),
        ({"accelerometer__x": [0, 10**400, 1]}, "accelerometer.x[1]=an integer of more than 30 digits: is too large"),
        ({"accelerometer__x": [0, 2**70, 1]}, "accelerometer.x[1]=1.1805916207174113e+21: is beyond 400; give SI units"),
        ({"accelerometer__z": [0, -400.1, 1]}, "accelerometer.z[1]=-400.1: is beyond 400"),
        ({"accelerometer__t": [0, 1, 1]}, "accelerometer.t[2]=1.0: time does not increase; sort by time"),
        ({"accelerometer__t": [0, 1, 1.0000001]}, "accelerometer.t[2]=1.0000001: time does not increase"),
        ({"accelerometer__t": [0, 2, 1]}, "accelerometer.t[2]=1.0: time does not increase"),
        ({"accelerometer__t": [-3601, 2, 3]}, "accelerometer.t[0]=-3601.0: is not within -1 hour to 7 days"),
        ({"accelerometer__t": [1, 2, 1.7e9]}, "accelerometer.t[2]=1700000000.0: is not within -1 hour to 7 days"),
        ({"location__latitude": [91, 0]}, "location.latitude[0]=91.0: is beyond 90"),
        ({"location__longitude": [0, 180.5]}, "location.longitude[1]=180.5: is beyond 180"),
        ({"location__speed": [656, 0]}, "location.speed[0]=656.0: is beyond 655.34"),
        ({"location__bearing": [361, 0]}, "location.bearing[0]=361.0: is beyond 360"),
        ({"location__speed": [float("inf"), 0]}, "location.speed[0]=inf: is not a finite number"),
        ({"started_at": None}, "started_at=None: is not an instant"),
        ({"started_at": 1777878720}, "started_at=1777878720: is not an instant; write RFC 3339"),
        ({"started_at": "2026-05-04T07:12:00"}, "started_at='2026-05-04T07:12:00': is not an instant"),
        ({"started_at": "2026-02-30T07:12:00Z"}, "is no date and time of day"),
        ({"started_at": "1969-12-31T23:59:59Z"}, "started_at=-1000000: is not a whole number of microseconds from 1970 to 2100"),
        ({"started_at": "0001-01-01T00:00:00+23:59"}, "started_at"),
        ({"trip_id": "drive one"}, "trip_id='drive one': is not a UUID"),
        ({"trip_id": 5}, "trip_id=5: is not a UUID"),
        ({"device": ""}, "device='': is not a text of 1 to 200 printable characters"),
        ({"device": "\ud800"}, "device='\\ud800': is not a text"),
        ({"device": "a\nb"}, "device='a\\nb': is not a text"),
    ],
)
def test_json_names_the_field_the_value_and_the_way_out(changes, message):
    with pytest.raises(wire.ChunkError) as caught:
        wire.decode_json(as_json(**changes))
    assert message in str(caught.value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.data())
@settings(max_examples=300)
def test_any_json_in_any_place_gives_a_chunk_or_a_chunk_error(data):
    fields = as_json()
    place = data.draw(st.sampled_from(["top", "accelerometer", "gyroscope", "location"]))
    target = fields if place == "top" else fields[place]
    target[data.draw(st.sampled_from([*target, "trip_id", "device"]))] = data.draw(json_values)
    try:
        chunk = wire.decode_json(json.dumps(fields))
    except wire.ChunkError:
        return
    assert np.isfinite(chunk.accelerometer.xyz).all()


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_random_text_raises_nothing_but_a_chunk_error(noise):
    with pytest.raises(wire.ChunkError):
        wire.decode_json(noise)


def test_null_means_unknown_and_only_where_a_phone_may_not_know():
    location = wire.decode_json(as_json()).location
    assert np.isnan([location.columns[name][1] for name in ("speed", "bearing")]).all()
    assert wire.decode_json(as_json(gyroscope=None)).gyroscope is None


def test_a_chunk_for_another_trip_is_refused():
    other = "00000000-0000-4000-8000-000000000000"
    with pytest.raises(wire.ChunkError, match=f"is not the trip {other} that was expected"):
        wire.decode_json(as_json(trip_id=TRIP), other)
    assert wire.decode_json(as_json(trip_id=TRIP.upper()), TRIP).trip_id == TRIP


def test_a_recording_without_a_trip_has_an_empty_trip_id_and_keeps_its_device():
    chunk = wire.decode_json(as_json(device="phone 7"))
    assert (chunk.trip_id, chunk.number, chunk.device) == ("", 0, "phone 7")
    assert wire.chunk_to_json(chunk)["device"] == "phone 7"


@pytest.mark.parametrize("text", ["2026-05-04T09:12:00+02:00", "2026-05-04t07:12:00.000000z", "2026-05-04 07:12:00Z"])
def test_an_instant_may_be_written_in_any_zone(text):
    assert wire.decode_json(as_json(started_at=text)).started_at_us == STARTED_AT_US


def test_a_recording_may_be_longer_than_a_chunk_where_the_caller_says_so():
    count = wire.MAX_SAMPLES + 1
    one = [0.0] * count
    fields = as_json(accelerometer={"t": [i / 1000 for i in range(count)], "x": one, "y": one, "z": one})
    with pytest.raises(wire.ChunkError, match=r"accelerometer\.count=262145"):
        wire.decode_json(fields)
    assert len(wire.decode_json(fields, max_samples=count).accelerometer) == count


def test_chunks_join_to_a_trace_whatever_their_order_and_gaps():
    chunks = [wire.decode(encoded(shifted(60.0 * number), number)) for number in (3, 0, 1)]
    trace = Trace.build(**wire.join(chunks))
    assert trace.trip_id == TRIP
    assert trace.started_at == datetime(2026, 5, 4, 7, 12, tzinfo=UTC)
    np.testing.assert_allclose(trace.accelerometer.t_s, [t + 60 * n for n in (0, 1, 3) for t in (0, 0.01, 0.0205)])
    assert (len(trace.gyroscope), len(trace.fixes)) == (3, 6)


def test_chunks_that_count_from_different_instants_are_joined_on_one_clock():
    first = wire.decode_json(as_json(trip_id=TRIP), TRIP, 0)
    second = wire.decode_json(as_json(trip_id=TRIP, started_at="2026-05-04T07:13:00Z"), TRIP, 1)
    t_s, _ = wire.join([second, first])["accelerometer"]
    np.testing.assert_allclose(t_s, [0, 0.01, 0.0205, 60, 60.01, 60.0205])


def test_chunks_of_two_trips_do_not_join():
    other = wire.decode_json(as_json(trip_id="00000000-0000-4000-8000-000000000000"))
    with pytest.raises(wire.ChunkError, match="2 trips instead of one"):
        wire.join([wire.decode(encoded()), other])


def shifted(by_s: float) -> dict:
    columns = small()
    for stream in columns.values():
        stream["t"] = [t + by_s for t in stream["t"]]
    return columns
