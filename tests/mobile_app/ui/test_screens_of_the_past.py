"""Map, trips, a trip, contribution and report after two months of driving: by software GL and real touches."""

from __future__ import annotations

import itertools
import shutil
from dataclasses import replace

import numpy as np
import pytest
from test_screens import _nothing_overlaps, _whole_words

from benchmarks.phone_home import DRIVING, NOW_S, write_home
from benchmarks.phone_past import write_past
from mobile_app import deleting
from mobile_app.diary import Diary
from mobile_app.home import Home
from mobile_app.outbox import Outbox
from mobile_app.reports import Reports, State
from mobile_app.status import write_status
from mobile_app.ui.map.colours import BY_DAY
from mobile_app.ui.theme import TOUCH_DP

NAMES = ("map", "trips", "trip", "contribution", "report")
SCREENS = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="session")
def past(tmp_path_factory):
    """A folder to be copied: writing it takes longer than any test of it."""
    folder = tmp_path_factory.mktemp("past")
    write_past(write_home(folder), NOW_S, trips=6)
    return folder


@pytest.fixture
def driven(stage, tmp_path, past):
    shutil.copytree(past, tmp_path, dirs_exist_ok=True)
    stage.tick()
    return stage


def trip_ids(folder):
    return [entry.trip_id for entry in Diary(Home(folder).diary).entries()]


def go(stage, name, folder, which=1):
    stage.go(name, **({"trip_id": trip_ids(folder)[which]} if name == "trip" else {}))
    stage.settle(0.1)


@SCREENS
def test_every_button_can_be_pressed(driven, tmp_path, past, name):
    from mobile_app.ui.widgets import Tab

    go(driven, name, tmp_path)
    numbers = [number for number, one in enumerate(driven.touchables()) if not isinstance(one, Tab)]
    assert len(numbers) >= 1
    for number in numbers:
        shutil.copytree(past, tmp_path, dirs_exist_ok=True)
        go(driven, name, tmp_path)
        driven.press(driven.touchables()[number])
        driven.settle(0.05)
        assert driven.app.page is not None
        if driven.app.way.here == "report":
            driven.app.page.close_map()


@SCREENS
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_whatever_is_pressed_is_as_large_as_a_fingertip(driven, tmp_path, name, scale):
    from kivy.metrics import dp

    driven.app.choose(font_scale=scale)
    go(driven, name, tmp_path)
    assert len(driven.touchables()) >= 6
    for widget in driven.touchables():
        assert min(widget.width, widget.height) >= dp(TOUCH_DP) - 0.5, f"{widget} is {widget.size}"


@SCREENS
@pytest.mark.parametrize("language", ["en", "fr"])
def test_at_twice_the_size_nothing_is_cut_off_and_nothing_overlaps(driven, tmp_path, name, language):
    driven.app.choose(language=language, font_scale=2.0)
    go(driven, name, tmp_path)
    _whole_words(driven)
    _nothing_overlaps(driven)


def view_of(stage):
    return stage.app.page.ids.atlas.view


def tap(stage, x, y, times=1):
    from benchmarks.phone_stage import Touch

    for _ in range(times):
        touch = Touch(x, y)
        touch.is_double_tap = times > 1 and _ == times - 1
        send(stage, touch, "begin")
        send(stage, touch, "end")


def send(stage, touch, phase):
    from kivy.base import EventLoop

    EventLoop.post_dispatch_input(phase, touch)
    stage.frames()


def drag(stage, touch, dx, dy, steps=6):
    from kivy.core.window import Window

    for _ in range(steps):
        touch.move({"x": touch.sx + dx / steps / Window.width, "y": touch.sy + dy / steps / Window.height})
        send(stage, touch, "update")


def at(view, key):
    """Where on the window a mark is drawn."""
    number = next(n for n, one in enumerate(view.shown) if len(one.members) == 1 and one.key == key)
    return view.x + view._painter.shown_at[0][number], view.y + view._painter.shown_at[1][number]


def lone(view):
    """A mark that stands by itself in the free part of the map."""
    xs, ys = view._painter.shown_at
    for one, x, y in zip(view.shown, xs, ys, strict=True):
        others = np.hypot(xs - x, ys - y)
        if len(one.members) == 1 and 60 < x < view.width - 120 and 300 < y < view.height - 120 and (others < 40).sum() == 1:
            return one.key
    raise LookupError("no mark stands alone")


def test_a_defect_that_is_tapped_is_told_on_a_card_and_the_ground_takes_it_away(driven, tmp_path):
    go(driven, "map", tmp_path)
    view = view_of(driven)
    key = lone(view)
    x, y = at(view, key)
    tap(driven, x + 20, y - 8)  # a fingertip is not a needle
    driven.settle(0.5)
    page = driven.app.page
    assert view.chosen == key
    assert page.card.title in driven.texts()
    assert page.card.lines[0] in driven.texts()
    card_top = page.ids.card.top
    assert at(view, key)[1] > card_top, "the card hides what it speaks of"
    driven.press(driven.find("Close"))
    assert page.card is None
    assert view.chosen is None


def test_a_jolt_that_is_tapped_is_told(driven, tmp_path):
    go(driven, "trip", tmp_path, which=3)
    view = view_of(driven)
    tap(driven, *at(view, view.shown[-1].key))
    assert any(text.startswith("Jolt, strength ") for text in driven.texts())


def test_several_in_one_place_come_apart_when_tapped(driven, tmp_path):
    go(driven, "map", tmp_path)
    view = view_of(driven)
    driven.press(driven.find("Show all"))
    driven.settle(0.5)
    crowded = max(range(len(view.shown)), key=lambda n: len(view.shown[n].members))
    assert len(view.shown[crowded].members) > 5
    before = view.sight.scale
    tap(driven, view.x + view._painter.shown_at[0][crowded], view.y + view._painter.shown_at[1][crowded])
    driven.settle(0.5)
    assert view.sight.scale > 1.5 * before


def test_the_map_follows_a_finger_and_glides_on(driven, tmp_path):
    from benchmarks.phone_stage import Touch

    go(driven, "map", tmp_path)
    view = view_of(driven)
    before = view.sight
    ticks = itertools.count()
    view.clock = lambda: next(ticks) / 100  # a finger that is quick however slow this machine is
    touch = Touch(view.center_x, view.center_y)
    send(driven, touch, "begin")
    drag(driven, touch, -60, 30)
    held = view.sight
    assert (held.x - before.x) * held.scale == pytest.approx(60, abs=2)
    assert (held.y - before.y) * held.scale == pytest.approx(-30, abs=2)
    send(driven, touch, "end")
    driven.settle(1.5)
    glided = view.sight
    assert (glided.x - held.x) * glided.scale > 1
    driven.settle(0.2)
    assert view.sight == glided, "it comes to rest"


def test_two_fingers_zoom_about_their_middle(driven, tmp_path):
    from benchmarks.phone_stage import Touch

    go(driven, "map", tmp_path)
    view = view_of(driven)
    before = view.sight
    left, right = Touch(view.center_x - 40, view.center_y), Touch(view.center_x + 40, view.center_y)
    for touch in (left, right):
        send(driven, touch, "begin")
    drag(driven, left, -40, 0)
    drag(driven, right, 40, 0)
    assert view.sight.scale / before.scale == pytest.approx(2.0, rel=0.02)
    assert (view.sight.x, view.sight.y) == pytest.approx((before.x, before.y), abs=3 / before.scale)
    for touch in (left, right):
        send(driven, touch, "end")
    driven.settle(0.3)
    assert view.sight.scale / before.scale == pytest.approx(2.0, rel=0.02), "a pinch throws nothing"


def test_wheel_double_tap_and_buttons_zoom(driven, tmp_path):
    from benchmarks.phone_stage import Touch

    go(driven, "map", tmp_path)
    view = view_of(driven)
    scales = [view.sight.scale]
    wheel = Touch(view.center_x, view.center_y)
    wheel.profile, wheel.button = [*wheel.profile, "button"], "scrolldown"
    send(driven, wheel, "begin")
    send(driven, wheel, "end")
    scales.append(view.sight.scale)
    tap(driven, view.x + 4, view.y + view.height - 4, times=2)
    driven.settle(0.5)
    scales.append(view.sight.scale)
    driven.press(driven.find("Closer"))
    driven.settle(0.5)
    scales.append(view.sight.scale)
    assert all(later > earlier * 1.1 for earlier, later in itertools.pairwise(scales)), scales
    driven.press(driven.find("Further away"))
    driven.settle(0.5)
    assert view.sight.scale == pytest.approx(scales[2], rel=1e-3)


def test_the_map_goes_on_showing_where_one_looks_when_new_defects_come(driven, tmp_path):
    go(driven, "map", tmp_path)
    driven.press(driven.find("Closer"))
    driven.settle(0.5)
    before = view_of(driven).sight
    Home(tmp_path).defects.write_text('{"type": "FeatureCollection", "features": []}')
    driven.tick()
    assert view_of(driven).sight == before
    assert "The city’s map was not fetched yet" in driven.texts()
    assert view_of(driven).shown == []


def test_nothing_is_drawn_as_sent_inside_the_hatched_squares(driven, tmp_path):
    go(driven, "trip", tmp_path, which=3)
    driven.settle(0.3)
    view = view_of(driven)
    picture = np.asarray(driven.image())[::-1].astype(int)
    way = np.array([round(255 * part) for part in BY_DAY.way[:3]])
    from mobile_app.ui.map.squares import outline

    blue = np.abs(picture - way).max(axis=2) < 12
    assert blue[int(view.y) : int(view.top)].any()
    for square in view.content.squares:
        px, py = view.sight.screen(*outline(square, 1.0))  # the cell itself, without its margin
        left, right = int(view.x + max(px.min(), 0)), int(view.x + min(px.max(), view.width))
        low, high = int(view.y + max(py.min(), 0)), int(view.y + min(py.max(), view.height))
        assert not blue[low:high, left:right].any()


def test_a_trip_in_the_list_leads_to_what_was_sent_of_it(driven, tmp_path):
    go(driven, "trips", tmp_path)
    rows = [one for one in driven.touchables() if getattr(one, "trip_id", "")]
    assert [row.trip_id for row in rows] == trip_ids(tmp_path)
    driven.press(rows[1])
    driven.settle(0.2)
    assert driven.app.way.names[-2:] == ("trips", "trip")
    assert any(text.startswith("Today, ") for text in driven.texts())
    driven.press(driven.find("Show the receipt"))
    driven.settle(0.2)
    sums = [line["sha256"] for line in Outbox(Home(tmp_path).outbox).receipts(trip_ids(tmp_path)[1])]
    assert sums
    assert {f"SHA-256 {one}" for one in sums} <= set(driven.texts())


def test_a_trip_is_deleted_in_two_steps_and_is_gone_from_the_list(driven, tmp_path):
    go(driven, "trips", tmp_path)
    go(driven, "trip", tmp_path)
    name = trip_ids(tmp_path)[1]
    driven.press(driven.find("Delete this trip"))
    assert deleting.wishes(Home(tmp_path)) == []
    driven.press(driven.find("Keep it"))
    driven.press(driven.find("Delete this trip"))
    driven.press(driven.find("Delete it"))
    driven.settle(0.2)
    assert [wish.trip_id for wish in deleting.wishes(Home(tmp_path))] == [name]
    assert driven.app.way.here == "trips"
    assert name not in [getattr(one, "trip_id", "") for one in driven.touchables()]


def test_what_was_refused_is_put_back_into_the_queue_by_trying_again(driven, tmp_path):
    go(driven, "trip", tmp_path, which=2)
    assert Outbox(Home(tmp_path).outbox).refused()
    driven.press(driven.find("Try again"))
    driven.settle(0.2)
    assert Outbox(Home(tmp_path).outbox).refused() == []
    driven.tick()
    assert "Waiting to be sent" in driven.texts()


def test_a_report_is_written_where_the_phone_is_or_where_the_map_was_moved_to(driven, tmp_path):
    shutil.rmtree(Home(tmp_path).reports)
    go(driven, "report", tmp_path)
    send_button = next(one for one in driven.widgets() if getattr(one, "text", "") == "Send the report")
    assert send_button.disabled
    driven.press(driven.find("Street lamp"))
    driven.app.page.ids.note.text = "dark"
    driven.press(driven.find("Send the report"))
    driven.press(driven.find("Graffiti"))
    driven.press(driven.find("Choose on the map"))
    driven.settle(0.3)
    view = view_of(driven)
    assert view.height > 600
    view.sight = view.sight.panned(0, -100)  # the map goes down, the pin to the north
    metres = 100 * view.sight.metres_per_px
    driven.press(driven.find("It is here"))
    driven.settle(0.2)
    driven.press(driven.find("Send the report"))
    made = {report.kind: report for report in Reports(Home(tmp_path).reports).all()}
    moved, lamp = made["graffiti"], made["lamp"]
    assert (lamp.kind, lamp.note, lamp.state) == ("lamp", "dark", State.WAITING)
    assert (lamp.latitude, lamp.longitude) == (DRIVING.latitude, DRIVING.longitude)
    assert (moved.latitude - DRIVING.latitude) * 111_195 == pytest.approx(metres, rel=0.02)
    assert "Waits to be sent" in driven.texts()
    driven.press(driven.find("Take back"))
    assert len(Reports(Home(tmp_path).reports).all()) == 1


def test_without_a_place_nothing_can_be_reported_until_one_is_chosen(driven, tmp_path):
    write_status(Home(tmp_path).status, replace(DRIVING, latitude=None, longitude=None))
    go(driven, "report", tmp_path)
    driven.press(driven.find("Pothole"))
    assert "Your place is not known. Choose it on the map." in driven.texts()
    assert "Send the report" not in [getattr(one, "text", "") for one in driven.touchables()]
    driven.press(driven.find("Choose on the map"))
    driven.settle(0.3)
    driven.press(driven.find("It is here"))
    driven.settle(0.2)
    assert driven.find("Send the report")


def test_who_drives_is_told_to_report_later(driven, tmp_path):
    go(driven, "report", tmp_path)
    assert any(text.startswith("You seem to be driving.") for text in driven.texts())
    write_status(Home(tmp_path).status, replace(DRIVING, speed_mps=0.0))
    driven.tick()
    assert not any(text.startswith("You seem to be driving.") for text in driven.texts())


def test_contribution_tells_what_drives_were_good_for_and_reproaches_nobody(driven, tmp_path):
    go(driven, "contribution", tmp_path)
    assert "You helped to confirm 17 defects. 6 of them have been repaired since." in driven.texts()
    assert "From the city’s server: 2 hours old" in driven.texts()
    Home(tmp_path).contribution.unlink()
    shutil.rmtree(Home(tmp_path).diary)
    driven.tick()
    assert "Your first drive will show up here, once it was sent." in driven.texts()
    assert "0" not in driven.texts()


@SCREENS
def test_before_the_first_drive_every_screen_says_something_friendly(stage, tmp_path, name):
    stage.go(name)
    stage.settle(0.1)
    assert len([text for text in stage.texts() if len(text) > 20]) >= 1
    _whole_words(stage)


def test_repaired_defects_are_dots_of_their_own_colour(driven, tmp_path):
    from mobile_app.ui.charts import DefectDots

    go(driven, "contribution", tmp_path)
    driven.settle(0.3)
    dots = next(one for one in driven.widgets() if isinstance(one, DefectDots))
    x, y = (int(part) for part in dots.to_window(dots.x, dots.y))
    picture = np.asarray(driven.image())[::-1][y : y + int(dots.height), x : x + int(dots.width)].astype(int)
    good, trouble = (np.array(colour[:3]) * 255 for colour in (driven.app.look.palette.good, driven.app.look.palette.trouble))
    assert (np.abs(picture - good).max(axis=2) < 20).sum() > 6 * 200  # six discs of 22 dp, ticks aside
    assert (np.abs(picture - trouble).max(axis=2) < 20).sum() > 11 * 40  # eleven rings
