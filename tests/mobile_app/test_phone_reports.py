"""Reports on the phone: kept, with their photos, through what kills leave behind."""

from __future__ import annotations

import pytest

from mobile_app.reports import LONGEST_NOTE, Reports, State


@pytest.fixture
def reports(tmp_path):
    return Reports(tmp_path / "reports")


def test_a_report_is_there_after_a_restart_newest_first(reports):
    old = reports.write("lamp", 48.1, 11.5, "dark since Monday", now_s=1.0)
    new = reports.write("sign_not_visible", -48.1, -11.5, now_s=2.0)
    again = Reports(reports.folder)
    assert again.all() == [new, old]
    assert again.waiting() == [old, new]


def test_a_photo_may_come_later_and_stays_on_the_phone(reports, tmp_path):
    report = reports.write("pothole", 48.1, 11.5)
    assert (report.photo, reports.photo_of(report.report_id)) == (False, None)
    (tmp_path / "picture.jpg").write_bytes(b"\xff\xd8 a picture")
    reports.attach(report.report_id, tmp_path / "picture.jpg")
    (tmp_path / "picture.jpg").unlink()
    assert reports.all()[0].photo
    assert reports.photo_of(report.report_id).read_bytes() == b"\xff\xd8 a picture"


@pytest.mark.parametrize(("state", "why"), [(State.SENT, ""), (State.REFUSED, "no")])
def test_what_became_of_it_is_kept_beside_it(reports, state, why):
    report = reports.write("graffiti", 48.1, 11.5)
    reports.mark(report.report_id, state, why)
    assert [(one.state, one.why) for one in reports.all()] == [(state, why)]
    assert reports.waiting() == []


def test_a_report_taken_back_leaves_nothing(reports, tmp_path):
    report = reports.write("lamp", 48.1, 11.5)
    (tmp_path / "picture.jpg").write_bytes(b"x")
    reports.attach(report.report_id, tmp_path / "picture.jpg")
    reports.mark(report.report_id, State.SENT)
    reports.forget(report.report_id)
    assert list(reports.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "latitude", "longitude", "names"),
    [("hole", 48.1, 11.5, "hole"), ("lamp", 91.0, 11.5, "91"), ("lamp", 48.1, 181.0, "181"), ("lamp", float("nan"), 0.0, "nan")],
)
def test_what_no_server_could_take_is_refused_at_once(reports, kind, latitude, longitude, names):
    with pytest.raises(ValueError, match=names):
        reports.write(kind, latitude, longitude)
    assert reports.all() == []


def test_notes_are_cut_and_cleaned_as_the_server_takes_them(reports):
    report = reports.write("lamp", 48.1, 11.5, "  two\nlines\x07\u202e and \ud800 more" + "x" * LONGEST_NOTE)
    assert report.note.startswith("two\nlines and  more")
    assert len(report.note) <= LONGEST_NOTE


def test_a_damaged_file_hides_no_other_report(reports):
    report = reports.write("lamp", 48.1, 11.5)
    (reports.folder / "00000000-0000-4000-8000-000000000000.json").write_text('{"kind": "lamp"')
    (reports.folder / "00000000-0000-4000-8000-000000000001.json").write_text('{"kind": "lamp"}')
    assert reports.all() == [report]


def test_no_reports_are_no_folder(reports):
    assert (reports.all(), reports.waiting()) == ([], [])
    assert not reports.folder.exists()
