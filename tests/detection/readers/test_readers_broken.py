"""What cannot be read says so by file, member and line, and never takes the others with it."""

from __future__ import annotations

import gzip
import io
import json
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
import synthetic_exports as exports

from detection.errors import UnreadableRecording
from detection.readers import InvalidColumns, columns_from_text, read, read_all, recordings, source, unique_names
from detection.trace import Trace

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def error_of(path: Path, content: str | bytes | None = None, **options: object) -> UnreadableRecording:
    if content is not None:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(UnreadableRecording) as caught:
        list(read(path, **options))
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    return caught.value


def with_line(text: str, number: int, line: str) -> str:
    lines = text.splitlines()
    lines[number - 1] = line
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\r\n", "is empty"),
        (bytes(100), "is empty"),
        (PNG, "a PNG image"),
        (b"\x00\x01\x02" * 500, "a binary file"),
        ("nothing but prose\n", "its columns"),
        ("1,2,3\n4,5,6\n", "no table with column names"),
        ("time,gFx,gFy,gFz\n", "no sample"),
        ("timestamp\n1492638964.5\n", "its columns (timestamp)"),
        ('{"a": [1, 2', "broken JSON"),
        ('{"a": 1}', "is JSON, but no chunk"),
        ("[" * 100_000, "broken JSON"),
        ("<gpx><trk>", "broken GPX"),
        ('<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><gpx/>', "XML entities"),
        ('<gpx version="1.1"></gpx>', "no track point with a time"),
        (b"PK\x03\x04" + bytes(200), "damaged zip"),
        (gzip.compress(b"time,x,y,z\n" * 500)[:-30], "damaged or cut off"),
        (b"CAHT" + bytes(50), "no readable chunk"),
    ],
)
def test_each_unusable_file_says_what_is_wrong(tmp_path: Path, content: str | bytes, why: str) -> None:
    assert why in str(error_of(tmp_path / "drive.csv", content))


@pytest.mark.parametrize("line", ["garbage", "1492638964.9,1,2", "a,b,c,d,e,f,g,h,i,j", "1;2;3;4;5;6;7;8;9;10"])
def test_a_broken_line_in_the_middle_is_named(tmp_path: Path, line: str) -> None:
    error = error_of(tmp_path / "trip.csv", with_line(exports.merged(), 57, line))
    assert error.line == 57
    assert "line 57" in str(error)


def test_a_broken_line_inside_a_zip_is_named_with_its_member(tmp_path: Path) -> None:
    members = exports.phyphox_members()
    members["Gyroscope.csv"] = with_line(members["Gyroscope.csv"], 9, '"0.1","oops","1","2"')
    error = error_of(exports.zipped(tmp_path / "drive.zip", members))
    assert (error.member, error.line) == ("Gyroscope.csv", 9)
    assert "oops" in str(error)


@pytest.mark.parametrize("ending", ["1777878732.0,47.4,19.0,0.0,0.1", "17778", "1777878732.0,47.4,19.0,0,0,-1,0.2,0,0,-1e"])
def test_a_last_line_the_phone_did_not_finish_is_left_out_and_noted(tmp_path: Path, ending: str) -> None:
    path = tmp_path / "trip.csv"
    path.write_text(exports.merged() + ending)
    (trace,) = read(path)
    assert len(trace.accelerometer) == len(exports.T)
    assert any("unfinished last line" in note for note in trace.provenance.notes)


def test_a_stamp_from_another_year_is_left_out_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "trip.csv"
    lines = exports.merged().splitlines()
    lines[1] = lines[1].replace("1777878720.0", "0.0")
    path.write_text("\n".join(lines))
    (trace,) = read(path)
    assert trace.duration_s < exports.SECONDS
    assert trace.provenance.dropped["accelerometer not a number"] == 1


def test_nuls_at_the_end_of_a_file_are_no_samples(tmp_path: Path) -> None:
    path = tmp_path / "trip.csv"
    path.write_bytes(exports.merged().encode() + bytes(4096))
    (trace,) = read(path)
    assert len(trace.accelerometer) == len(exports.T)


def test_byte_order_mark_windows_line_ends_and_utf16_do_not_matter(tmp_path: Path) -> None:
    text = exports.merged()
    variants = [
        b"\xef\xbb\xbf" + text.encode(),
        text.replace("\n", "\r\n").encode(),
        text.encode("utf-16"),
        b"sep=,\n" + text.encode(),
    ]
    for number, content in enumerate(variants):
        path = tmp_path / f"{number}.csv"
        path.write_bytes(content)
        (trace,) = read(path)
        np.testing.assert_allclose(trace.accelerometer.xyz, exports.TOTAL, atol=1e-6)


def test_what_only_the_slow_way_reads_is_read(tmp_path: Path) -> None:
    """A leading plus sign: refused by the fast parser, a number to everyone else."""
    path = tmp_path / "trip.csv"
    rows = ([f"{t:+.2f}", *(f"{v:+.6f}" for v in a)] for t, a in zip(exports.T, exports.TOTAL, strict=True))
    path.write_text(exports.table(["t", "accX", "accY", "accZ"], rows))
    (trace,) = read(path)
    np.testing.assert_allclose(trace.accelerometer.xyz, exports.TOTAL, atol=1e-5)


def test_an_impossible_magnitude_is_named_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "trip.csv"
    error = error_of(path, exports.merged(factor=0.4))
    assert "magnitude is 3.9" in str(error)
    assert "--columns" in str(error)
    named = columns_from_text("t=timestamp,x=accelerometerX:m/s2,y=accelerometerY:m/s2,z=accelerometerZ:m/s2")
    assert "magnitude" in str(error_of(path, columns=named))  # the unit is told, and still no gravity of any planet near


def test_sensor_files_without_an_accelerometer_ask_for_the_rest(tmp_path: Path) -> None:
    error = error_of(exports.write(tmp_path / "drive", {"Gyroscope.csv": exports.sensor_logger(exports.GYRO)}))
    assert "neither acceleration nor location" in str(error)


def test_a_zip_that_unpacks_beyond_the_cap_is_refused_by_counting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MAX_BYTES", 2**20)
    bomb = "time,gFx,gFy,gFz\n" + "0" * 2**22
    error = error_of(exports.zipped(tmp_path / "bomb.zip", {"2026-05-04.csv": bomb}))
    assert "unpacks to more than 1 MiB" in str(error)
    packed = tmp_path / "bomb.csv.gz"
    assert "more than 1 MiB" in str(error_of(packed, gzip.compress(bomb.encode())))


def test_a_zip_that_lies_about_its_sizes_is_still_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MAX_BYTES", 2**20)
    data = bytearray(exports.zipped(tmp_path / "bomb.zip", {"a.csv": "time,gFx,gFy,gFz\n" + "0" * 2**22}).read_bytes())
    for magic, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.index(magic) + offset, 1000)
    error = error_of(tmp_path / "bomb.zip", bytes(data))
    assert "line" in str(error) or "damaged" in str(error) or "holds no" in str(error)


def test_a_zip_of_too_many_members_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MAX_MEMBERS", 5)
    assert "holds 6 files" in str(error_of(exports.zipped(tmp_path / "many.zip", {f"{n}.csv": "x" for n in range(6)})))


def test_names_that_climb_out_of_a_zip_write_nothing(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    path = exports.zipped(inside / "drives.zip", {"../../evil.csv": exports.merged(), "/etc/evil2.csv": exports.merged()})
    assert [trace.trip_id for trace in read_all([path])] == ["evil", "evil2"]
    assert sorted(file.name for file in tmp_path.rglob("*")) == ["drives.zip", "inside"]


def test_names_with_line_breaks_stay_on_one_line(tmp_path: Path) -> None:
    error = error_of(exports.zipped(tmp_path / "drives.zip", {"two\nlines.csv": "time,gFx,gFy,gFz\n", "b.csv": "x"}))
    assert error.member == "b.csv"
    names = [str(one) for one in read_all([tmp_path / "drives.zip"])]
    assert ["\n" in name for name in names] == [False, False]
    assert "two?lines.csv" in names[1]


def test_an_encrypted_zip_asks_to_be_unpacked(tmp_path: Path) -> None:
    data = bytearray(exports.zipped(tmp_path / "secret.zip", {"drive.csv": exports.merged()}).read_bytes())
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + offset] |= 1
    error = error_of(tmp_path / "secret.zip", bytes(data))
    assert "is encrypted; unpack it first" in str(error)
    assert error.member == "drive.csv"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"accelerometer": {"t": [0], "x": ["1"], "y": [0], "z": [9.8]}}, "accelerometer.x[0]='1' is not a number"),
        ({"accelerometer": {"t": [0, 1], "x": [1], "y": [0, 0], "z": [9, 9]}}, "accelerometer.x has 1 values for 2 times"),
        ({"accelerometer": {"t": [0], "x": [True], "y": [0], "z": [9.8]}}, "accelerometer.x[0]='True' is not a number"),
        ({"accelerometer": {"t": [0], "x": [10**400], "y": [0], "z": [9.8]}}, "accelerometer.x holds a number"),
        ({"accelerometer": {"t": [0]}}, "accelerometer.x is no list"),
        ({"location": [1, 2]}, "location is no object"),
        ({"started_at": "yesterday"}, "started_at='yesterday' is not an instant"),
        ({"trip_id": "a\ud800b"}, "trip_id is not a text"),
        ({"device": 7}, "device is not a text"),
    ],
)
def test_json_errors_name_the_field(tmp_path: Path, change: dict[str, object], why: str) -> None:
    assert why in str(error_of(tmp_path / "drive.json", json.dumps(exports.json_chunk(**change))))


def test_one_broken_object_of_a_json_list_is_named(tmp_path: Path) -> None:
    text = json.dumps([exports.json_chunk(), exports.json_chunk(started_at="never")])
    assert "object 1: started_at" in str(error_of(tmp_path / "drives.json", text))


def test_a_folder_of_a_hundred_files_with_three_broken_ones_gives_the_others(tmp_path: Path) -> None:
    text = exports.merged()
    for number in range(100):
        (tmp_path / f"trip{number:03}.csv").write_text(text)
    (tmp_path / "trip010.csv").write_text(with_line(text, 30, "garbage"))
    (tmp_path / "trip020.csv").write_bytes(PNG)
    (tmp_path / "trip030.csv").write_bytes(b"")
    (tmp_path / "notes.docx").write_bytes(PNG)
    found = list(read_all([tmp_path]))
    errors = [str(error) for error in found if isinstance(error, UnreadableRecording)]
    assert sum(isinstance(trace, Trace) for trace in found) == 97
    assert [error.split(".csv")[0][-7:] for error in errors] == ["trip010", "trip020", "trip030"]
    assert "line 30" in errors[0]


def test_a_zip_of_zips_and_folders_gives_each_recording_its_own_path(tmp_path: Path) -> None:
    phyphox = exports.zipped(tmp_path / "inner.zip", exports.phyphox_members()).read_bytes()
    logger = {"tuesday/TotalAcceleration.csv": exports.sensor_logger(exports.TOTAL)}
    path = exports.zipped(tmp_path / "week.zip", logger | {"monday.zip": phyphox, "bad.csv": "x,y\n1", "readme.md": "hello"})
    found = list(recordings([path]))
    assert [one.relative_to(path).as_posix() for one in found] == ["bad.csv", "monday.zip", "tuesday"]
    names = [trace.trip_id for one in found[1:] for trace in read(one)]
    assert names == ["monday", "tuesday"]
    assert len([one for one in read_all([path]) if isinstance(one, Trace)]) == 2


def test_chunks_of_one_trip_in_several_files_are_joined(tmp_path: Path) -> None:
    half = len(exports.T) // 2
    for name, part in (("b", slice(half, None)), ("a", slice(None, half))):
        (tmp_path / f"{name}.json").write_text(json.dumps(exports.json_chunk(part, trip_id="trip-9")))
    (trace,) = read_all([tmp_path / "b.json", tmp_path / "a.json"])
    np.testing.assert_allclose(trace.accelerometer.xyz, exports.TOTAL)
    assert trace.trip_id == "trip-9"


def test_equal_file_names_in_two_folders_are_two_trips_by_stable_names(tmp_path: Path) -> None:
    paths = [tmp_path / day / "trip.csv" for day in ("monday", "tuesday")]
    for path in paths:
        exports.write(path.parent, {path.name: exports.merged()})
    assert [trace.trip_id for trace in read_all(paths)] == ["monday/trip", "tuesday/trip"]
    assert sorted(unique_names(paths[::-1])) == ["monday/trip", "tuesday/trip"]


def test_the_same_file_named_twice_is_read_once(tmp_path: Path) -> None:
    path = exports.write(tmp_path, {"trip.csv": exports.merged()}) / "trip.csv"
    assert len(list(read_all([path, tmp_path, path]))) == 1


def test_a_missing_path_and_an_empty_folder_are_named(tmp_path: Path) -> None:
    assert "does not exist" in str(error_of(tmp_path / "gone.csv"))
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "holds no recording" in str(error_of(empty))
    assert [type(one) for one in read_all([empty, tmp_path / "gone.csv"])] == [UnreadableRecording] * 2


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x=a,y=b,z=c", "t is missing"),
        ("t=time", "are missing"),
        ("t=time,x=a", "are missing"),
        ("t=time,latitude=a,longitude=b,x=c", "belong together"),
        ("t=time,q=a", "not one of our names"),
        ("t", "not of the form"),
        ("t=a,t=b", "given twice"),
    ],
)
def test_columns_that_make_no_sense_say_why(text: str, why: str) -> None:
    with pytest.raises(InvalidColumns, match=why):
        columns_from_text(text)


def test_a_column_or_unit_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "drive.csv"
    error = error_of(path, exports.merged(), columns=columns_from_text("t=timestamp,latitude=lat,longitude=longitude"))
    assert "has no column 'lat'; its columns are timestamp, latitude" in str(error)
    with pytest.raises(InvalidColumns, match="unit 'furlong' is unknown"):
        list(read(path, columns=columns_from_text("t=timestamp,latitude=latitude,longitude=longitude,speed=speed:furlong")))


def test_axes_of_different_units_are_refused(tmp_path: Path) -> None:
    path = exports.write(tmp_path, {"drive.csv": exports.merged()}) / "drive.csv"
    named = columns_from_text("t=timestamp,x=accelerometerX:g,y=accelerometerY:g,z=accelerometerZ")
    with pytest.raises(InvalidColumns, match="different units"):
        list(read(path, columns=named))


def test_a_zip_cut_off_anywhere_is_a_named_error(tmp_path: Path) -> None:
    whole = exports.zipped(tmp_path / "drive.zip", exports.phyphox_members()).read_bytes()
    for cut in range(10, len(whole) - 1, len(whole) // 25):
        error_of(tmp_path / "cut.zip", whole[:cut])


def test_a_member_flipped_inside_a_zip_is_named(tmp_path: Path) -> None:
    data = bytearray(exports.zipped(tmp_path / "drive.zip", exports.phyphox_members()).read_bytes())
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entry = archive.getinfo("Gyroscope.csv")
    data[entry.header_offset + 200] ^= 0xFF
    error = error_of(tmp_path / "drive.zip", bytes(data))
    assert error.member == "Gyroscope.csv"
