"""The binary chunk: what goes in comes out, and nothing else comes out of anything else."""

from __future__ import annotations

import struct
import tracemalloc
import zlib

import naive_wire
import numpy as np
import pytest
from chunk_samples import STARTED_AT_US, TRIP, again, any_columns, drive, encoded, small
from hypothesis import given, settings
from hypothesis import strategies as st

from mobile_app import wire
from mobile_app.wire import layout


@given(any_columns)
def test_what_is_encoded_is_decoded_within_its_quantisation(columns):
    chunk = wire.decode(wire.encode(TRIP, 7, STARTED_AT_US, **columns))
    assert (chunk.trip_id, chunk.number, chunk.started_at_us) == (TRIP, 7, STARTED_AT_US)
    for name in ("accelerometer", "gyroscope"):
        if columns[name] is not None:
            series = getattr(chunk, name)
            peak = max((abs(v) for axis in "xyz" for v in columns[name][axis]), default=0.0)
            step = max(layout.FINEST_SCALE[name], 2 * peak / layout.STEPS)
            np.testing.assert_allclose(series.t_s, columns[name]["t"], atol=1e-6, rtol=0)
            for axis in "xyz":
                np.testing.assert_allclose(series.columns[axis], columns[name][axis], atol=step / 2, rtol=0)
        else:
            assert getattr(chunk, name) is None


@given(any_columns)
def test_places_and_motion_are_decoded_within_their_quantisation(columns):
    chunk = wire.decode(wire.encode(TRIP, 0, STARTED_AT_US, **columns))
    sent = columns["location"]
    if sent is None:
        assert chunk.location is None
        return
    got = chunk.location.columns
    np.testing.assert_allclose(got["latitude"], sent["latitude"], atol=0.51e-7, rtol=0)
    np.testing.assert_allclose(got["longitude"], sent["longitude"], atol=0.51e-7, rtol=0)
    for name, step, most in (("speed", 0.01, 655.34), ("accuracy", 0.1, 6553.4)):
        expected = [np.nan if v is None else min(v, most) for v in sent[name]]
        np.testing.assert_allclose(got[name], expected, atol=step * 0.51, rtol=0)
    turned = (got["bearing"] - np.array([np.nan if v is None else v for v in sent["bearing"]]) + 180) % 360 - 180
    assert np.nanmax(np.abs(turned), initial=0) <= 0.0051
    assert [v is None for v in sent["bearing"]] == np.isnan(got["bearing"]).tolist()


@given(any_columns)
def test_decoding_and_encoding_again_changes_no_byte(columns):
    data = wire.encode(TRIP, 3, STARTED_AT_US, **columns)
    assert again(wire.decode(data)) == data


@given(any_columns)
@settings(max_examples=50)
def test_the_decoder_agrees_with_its_slow_twin(columns):
    data = wire.encode(TRIP, 3, STARTED_AT_US, **columns)
    fast, slow = wire.decode(data), naive_wire.read(data)
    assert slow["trip"] == TRIP.replace("-", "")
    for name in layout.STREAM_IDS:
        series = getattr(fast, name)
        assert (series is None) == (name not in slow)
        if series is not None:
            assert series.t_s.tolist() == slow[name]["t"]
            for column, values in series.columns.items():
                assert [None if v != v else v for v in values.tolist()] == slow[name][column]


def test_a_minute_of_driving_takes_less_than_nine_bytes_a_three_axis_sample():
    columns = drive()
    del columns["gyroscope"]
    data = encoded(columns)
    assert len(data) / len(columns["accelerometer"]["t"]) < 6.0
    assert len(wire.decode(data).accelerometer) == 6000


def test_a_hard_peak_coarsens_the_scale_and_is_not_clipped():
    columns = {"accelerometer": {"t": [0, 0.01], "x": [399.9, -399.9], "y": [0, 0], "z": [9.8, 9.8]}}
    x = wire.decode(encoded(columns)).accelerometer.columns["x"]
    np.testing.assert_allclose(x, [399.9, -399.9], atol=2**-7)


def test_every_truncation_is_refused():
    data = encoded()
    for length in range(len(data)):
        with pytest.raises(wire.ChunkError):
            wire.decode(data[:length])


def test_every_flipped_byte_is_refused():
    data = encoded()
    for at in range(len(data)):
        for flip in (0x01, 0x80, 0xFF):
            with pytest.raises(wire.ChunkError):
                wire.decode(data[:at] + bytes([data[at] ^ flip]) + data[at + 1 :])


@given(st.binary(max_size=200), st.booleans(), st.booleans())
@settings(max_examples=300)
def test_random_bytes_raise_nothing_but_a_chunk_error(noise, with_header, with_body):
    """Also behind a good magic and checksum, and as a body inside a good envelope."""
    data = noise
    if with_body:
        data = envelope(noise)
    elif with_header:
        data = b"CAHT\x01\x00" + noise
        data += struct.pack("<I", zlib.crc32(data))
    with pytest.raises(wire.ChunkError):
        wire.decode(data)


@given(any_columns, st.data())
@settings(max_examples=200)
def test_a_damaged_body_with_a_right_checksum_gives_a_chunk_or_a_chunk_error(columns, data):
    """What a faulty or hostile encoder could write: any byte of the inflated body changed."""
    body = bytearray(inflated(wire.encode(TRIP, 0, STARTED_AT_US, **columns)))
    body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        chunk = wire.decode(envelope(bytes(body)))
    except wire.ChunkError:
        return
    assert again(chunk)  # whatever was accepted keeps every rule of the format


def test_bytes_after_the_chunk_are_refused():
    with pytest.raises(wire.ChunkError, match="checksum"):
        wire.decode(encoded() + b"\x00")


def test_bytes_after_the_deflated_body_are_refused_even_under_a_right_checksum():
    content = encoded()[:-4] + b"rest"
    with pytest.raises(wire.ChunkError, match="body length"):
        wire.decode(content + struct.pack("<I", zlib.crc32(content)))


def test_an_unknown_version_names_the_supported_ones():
    data = encoded()
    with pytest.raises(wire.ChunkError) as caught:
        wire.decode(data[:4] + b"\x02" + data[5:])
    assert str(caught.value) == "version=2: is not supported; this program reads 1; update the older of the two"


def test_an_unknown_stream_is_skipped():
    body = inflated(encoded()) + layout.STREAM.pack(9, 4, 5) + b"later"
    assert len(wire.decode(envelope(body)).accelerometer) == 3


def test_a_stream_that_comes_twice_is_refused():
    accelerometer = small()["accelerometer"]
    body = inflated(encoded({"accelerometer": accelerometer}))
    with pytest.raises(wire.ChunkError, match="stream id=1"):
        wire.decode(envelope(body + body))


def test_a_body_that_inflates_beyond_its_declared_length_is_not_inflated_further():
    bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = bomb.compress(bytes(64 << 20)) + bomb.flush()
    data = envelope(packed=packed, length=100)
    tracemalloc.start()
    try:
        with pytest.raises(wire.ChunkError, match="is not what the body inflates to"):
            wire.decode(data)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_a_declared_length_above_the_bound_is_refused_before_inflating():
    with pytest.raises(wire.ChunkError, match="is above 8388608 bytes"):
        wire.decode(envelope(packed=b"not even deflate", length=(8 << 20) + 1))


def test_more_samples_than_the_bound_are_refused():
    body = layout.STREAM.pack(1, layout.MAX_SAMPLES + 1, 16) + bytes(16)
    with pytest.raises(wire.ChunkError, match=r"accelerometer\.count=262145"):
        wire.decode(envelope(body))


def test_a_chunk_without_any_sample_is_refused_on_both_ends():
    empty = {"t": [], "x": [], "y": [], "z": []}
    with pytest.raises(wire.ChunkError, match="neither samples nor fixes"):
        encoded({"accelerometer": empty})
    with pytest.raises(wire.ChunkError, match="neither samples nor fixes"):
        wire.decode(envelope(layout.STREAM.pack(1, 0, 16) + layout.SENSOR.pack(1.0, 0)))


def test_fixes_alone_are_a_chunk():
    chunk = wire.decode(encoded({**small(), "accelerometer": {"t": [], "x": [], "y": [], "z": []}}))
    assert (len(chunk.accelerometer), len(chunk.location)) == (0, 2)


@pytest.mark.parametrize(("place", "step", "named"), [(0, 5, 0), (1, 0, 1), (2, 0, 2)])
def test_steps_of_time_that_do_not_increase_are_refused(place, step, named):
    """The lowest byte of the n-th step lies at 25 + n in the body: stream header, scale, first t, then the planes."""
    body = bytearray(inflated(encoded({"accelerometer": {name: [i / 1e4 for i in range(3)] for name in "txyz"}})))
    assert body[25:28] == bytes([0, 100, 100])
    body[25 + place] = step
    with pytest.raises(wire.ChunkError) as caught:
        wire.decode(envelope(bytes(body)))
    assert f"accelerometer.t step [{named}]={step}: the first step is 0 and all others above 0" in str(caught.value)


def test_a_bearing_just_below_north_is_north():
    columns = small()
    columns["location"]["bearing"] = [359.999, 360.0]
    assert wire.decode(encoded(columns)).location.columns["bearing"].tolist() == [0.0, 0.0]


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan"), float("inf"), 1e-320])
def test_a_scale_that_is_no_step_is_refused_or_harmless(scale):
    body = bytearray(inflated(encoded({"accelerometer": small()["accelerometer"]})))
    body[9:17] = struct.pack("<d", scale)
    if scale == 1e-320:  # denormal: all values are about 0, which breaks no rule
        assert abs(wire.decode(envelope(bytes(body))).accelerometer.columns["x"]).max() < 1e-300
        return
    with pytest.raises(wire.ChunkError, match=r"accelerometer\.scale"):
        wire.decode(envelope(bytes(body)))


@pytest.mark.parametrize(
    ("stream", "column", "values", "message"),
    [
        ("accelerometer", "t", [0, 0.01, 0.01], "accelerometer.t[2]=0.01: time does not increase; sort by time"),
        ("accelerometer", "t", [0, 0.02, 0.01], "accelerometer.t[2]=0.01: time does not increase"),
        ("accelerometer", "t", [0, 1, float("nan")], "accelerometer.t[2]=nan: is not a finite number"),
        ("accelerometer", "t", [0, 1, 700_000], "accelerometer.t=700000.0: is not within -1 hour to 7 days"),
        ("accelerometer", "t", [0, 1, 5000], "accelerometer.t=5000.0: has a gap of more than 71 minutes"),
        ("accelerometer", "x", [0, 1], "accelerometer.x=2: has 2 values for 3 times"),
        ("accelerometer", "x", [0, float("inf"), 1], "accelerometer.x[1]=inf: is not a finite number"),
        ("accelerometer", "x", [0, None, 1], "accelerometer.x='not a number': holds something that is not a number"),
        ("accelerometer", "z", [0, 401, 1], "accelerometer=401.0: is beyond ±400 m/s²; give m/s²"),
        ("location", "latitude", [90.1, 0], "location.latitude=90.1: is beyond ±90 degrees"),
        ("location", "longitude", [0, -181], "location.longitude=-181.0: is beyond ±180 degrees"),
        ("location", "speed", [0], "location.speed=1: has 1 values for 2 times"),
    ],
)
def test_the_encoder_names_what_it_refuses(stream, column, values, message):
    columns = small()
    columns[stream][column] = values
    with pytest.raises(wire.ChunkError) as caught:
        encoded(columns)
    assert message in str(caught.value)


@pytest.mark.parametrize("trip", ["", "42", TRIP.replace("-", ""), "{" + TRIP + "}", "../" + TRIP, None])
def test_a_trip_that_is_not_a_uuid_is_refused(trip):
    with pytest.raises(wire.ChunkError, match="trip_id"):
        wire.encode(trip, 0, STARTED_AT_US, **small())


@pytest.mark.parametrize("number", [-1, 1_000_000, 2**70, 1.0, True])
def test_a_number_out_of_range_is_refused(number):
    with pytest.raises(wire.ChunkError, match="number"):
        wire.encode(TRIP, number, STARTED_AT_US, **small())


def test_missing_motion_columns_are_unknown():
    columns = small()
    for name in layout.MOTION:
        del columns["location"][name]
    location = wire.decode(encoded(columns)).location
    assert all(np.isnan(location.columns[name]).all() for name in layout.MOTION)


def test_negative_speed_bearing_and_accuracy_are_unknown_as_phones_write_it():
    columns = small()
    for name in layout.MOTION:
        columns["location"][name] = [-1.0, float("nan")]
    location = wire.decode(encoded(columns)).location
    assert all(np.isnan(location.columns[name]).all() for name in layout.MOTION)


def test_speed_and_accuracy_saturate_and_do_not_become_unknown():
    columns = small()
    columns["location"] |= {"speed": [1e6, 655.4], "accuracy": [1e9, float("inf")]}
    location = wire.decode(encoded(columns)).location
    assert location.columns["speed"].tolist() == [655.34, 655.34]
    assert location.columns["accuracy"].tolist() == [6553.4, 6553.4]


def inflated(data: bytes) -> bytes:
    return zlib.decompress(data[layout.HEADER.size : -4], wbits=-15)


def envelope(body: bytes = b"", *, packed: bytes | None = None, length: int | None = None) -> bytes:
    """A chunk with a right checksum around any body."""
    if packed is None:
        packer = zlib.compressobj(1, zlib.DEFLATED, -15)
        packed = packer.compress(body) + packer.flush()
    trip = bytes.fromhex(TRIP.replace("-", ""))
    fields = (b"CAHT", 1, 0, trip, 0, STARTED_AT_US, len(body) if length is None else length)
    content = layout.HEADER.pack(*fields) + packed
    return content + struct.pack("<I", zlib.crc32(content))


def test_a_chunk_says_that_the_ends_of_its_trip_were_withheld_and_older_readers_skip_it():
    told = encoded(withheld=wire.Withheld(500, 200))
    assert wire.decode(told).withheld == (500, 200)
    assert wire.decode(encoded()).withheld is None
    assert naive_wire.read(told) == naive_wire.read(encoded()), "the slow twin was written before there was such a stream"
    again = wire.decode_json(wire.chunk_to_json(wire.decode(told)))
    assert again.withheld == (500, 200)


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"cell_m": 500},
        {"cell_m": 500, "margin_m": True},
        {"cell_m": -1, "margin_m": 0},
        "yes",
        {"cell_m": 1e9, "margin_m": 0},
    ],
)
def test_a_cut_that_is_declared_badly_is_refused(told):
    with pytest.raises(wire.ChunkError, match="withheld"):
        wire.decode_json({**wire.chunk_to_json(wire.decode(encoded())), "withheld": told})
