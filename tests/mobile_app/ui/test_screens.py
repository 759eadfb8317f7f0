"""The screens themselves, by software GL and real touches: every button, every language, light, dark, and text at twice."""

from __future__ import annotations

import itertools
import math
import time
from array import array
from dataclasses import asdict, replace

import numpy as np
import pytest

from benchmarks.phone_home import DRIVING, NOW_S, road, write_home
from mobile_app import deleting, durable
from mobile_app.choices import Choices, load_choices, save_choices
from mobile_app.home import Home
from mobile_app.permissions import BACKGROUND, FINE, NOTIFICATIONS
from mobile_app.places import Places
from mobile_app.privacy import cell_of
from mobile_app.ring import RATE_HZ, RingWriter
from mobile_app.status import State, Status, Why, write_status
from mobile_app.ui.glance import advice_on
from mobile_app.ui.navigation import PLACES, TABS
from mobile_app.ui.theme import TOUCH_DP

pytestmark = pytest.mark.filterwarnings(
    "error::pytest.PytestUnraisableExceptionWarning", "error::pytest.PytestUnhandledThreadExceptionWarning"
)
SCREENS = pytest.mark.parametrize("name", [place.name for place in PLACES])
STATES = {
    "driving": DRIVING,
    "paused": replace(DRIVING, state=State.STOPPED, why=Why.PAUSED),
    "gone": replace(DRIVING, at_s=NOW_S - 3600),
    "never": Status(),
    **{str(why): replace(DRIVING, state=State.STOPPED, why=why) for why in Why},
}


@SCREENS
def test_every_button_can_be_pressed(stage, tmp_path, name) -> None:
    _arrange(stage, name)
    stage.go(name)
    for number in range(len(_own_touchables(stage))):
        _arrange(stage, name)
        write_home(tmp_path)
        stage.app.tick()
        stage.go(name)
        stage.press(_own_touchables(stage)[number])
        assert stage.app.page is not None
    stage.settle(0.2)  # what was asked of other threads has come


def test_every_tab_leads_to_its_screen(stage) -> None:
    for place in TABS:
        stage.press(stage.find(place.title))
        assert stage.app.way.here == place.name


def test_in_every_state_home_shows_what_is_wrong_fits_and_its_buttons_work(stage, tmp_path) -> None:
    stage.app.choose(language="fr", font_scale=2.0)
    for state, status in STATES.items():
        write_home(tmp_path, status, language="fr", font_scale=2.0)
        stage.go("home")
        _whole_words(stage)
        _nothing_overlaps(stage)
        if state in list(Why) and state not in (Why.PAUSED, Why.NO_CONSENT):
            advice = advice_on(Why(state))
            assert advice.sentence in stage.texts(), state
            stage.press(stage.find(advice.button))


@SCREENS
@pytest.mark.parametrize("language", ["en", "fr"])
def test_at_twice_the_size_nothing_is_cut_off_or_overlaps_or_is_too_small_to_press(stage, name, language) -> None:
    _arrange(stage, name)
    stage.app.choose(language=language, font_scale=2.0)
    stage.go(name)
    stage.settle(0.1)
    _whole_words(stage)
    _nothing_overlaps(stage)
    _large_enough(stage)


@SCREENS
def test_every_screen_is_drawn_in_both_languages_and_both_lights(stage, name) -> None:
    _arrange(stage, name)
    pictures = {}
    stage.go(name)
    for language, theme in itertools.product(("en", "fr"), ("light", "dark")):
        stage.app.choose(language=language, theme=theme)
        ground = np.asarray(stage.app.look.palette.ground[:3]) * 255
        for _ in range(100):  # what is read beside the screens comes when it is read
            stage.settle(0.05)
            picture = np.asarray(stage.image())
            if (np.abs(picture - ground).max(axis=2) > 40).mean() > 0.01:
                break
        else:
            raise AssertionError("an empty window")
        _large_enough(stage)
        pictures[language, theme] = picture
    assert pictures["en", "light"].mean() > pictures["en", "dark"].mean() + 60
    assert (pictures["en", "light"] != pictures["fr", "light"]).any()


def test_nothing_starts_before_it_is_agreed_to(stage, tmp_path) -> None:
    from benchmarks.phone_stage import Stage

    save_choices(Home(tmp_path).choices, Choices())
    stage.__exit__(None, None, None)
    with Stage(tmp_path, lambda: NOW_S) as fresh:
        assert fresh.app.way.here == "consent"
        assert fresh.phone.asked == []
        fresh.press(fresh.find("Français"))
        fresh.press(fresh.find("Pas maintenant"))
        assert "N’enregistre pas" in fresh.texts()
        fresh.tick()
        assert fresh.phone.asked == []
        fresh.press(fresh.find("Lire et décider"))
        fresh.press(fresh.find("J’accepte\u00a0: enregistrer mes trajets"))
        assert fresh.phone.asked == ["start"]
        agreed = load_choices(Home(tmp_path).choices)
        assert agreed.agreed
        assert agreed.consented_at_s == NOW_S
        fresh.go("consent")
        fresh.press(fresh.find("Retirer mon accord"))
        assert not load_choices(Home(tmp_path).choices).agreed


def test_android_is_asked_one_thing_at_a_time_each_explained_before(stage) -> None:
    from benchmarks.phone_stage import AskingPhone

    stage.phone.permissions = asking = AskingPhone()
    stage.app.ask_permissions()
    stage.frames(6)
    told = []
    while stage.app.way.here == "permissions":
        told.append(stage.app.page.heading)
        stage.press(stage.find("Go on"))
    assert told == ["A sign while it records", "Where the phone is", "Also while the app is closed"]
    assert [asking.asked[0], asking.asked[1], asking.asked[-1]] == [NOTIFICATIONS, FINE, BACKGROUND]
    assert stage.phone.asked[-1] == "start"


def test_who_refuses_the_place_is_led_to_the_settings_and_never_held_up(stage) -> None:
    from benchmarks.phone_stage import AskingPhone

    stage.phone.permissions = AskingPhone(grants=False)
    stage.app.ask_permissions()
    stage.frames(6)
    for _ in range(2):
        stage.press(stage.find("Not now"))
    assert stage.app.page.heading == "The precise place is not allowed"
    stage.press(stage.find("Open settings"))
    assert stage.phone.asked[-1] == "settings app"
    assert stage.app.way.here == "home"


def test_the_big_button_pauses_until_midnight_and_takes_it_back(stage, tmp_path) -> None:
    stage.press(stage.find("Pause for today"))
    until_s = load_choices(Home(tmp_path).choices).paused_until_s
    assert NOW_S < until_s <= NOW_S + 86_400
    assert time.localtime(until_s)[3:5] == (0, 0)
    assert "Paused" in stage.texts()
    stage.press(stage.find("Go on recording"))
    assert load_choices(Home(tmp_path).choices).paused_until_s == 0.0
    assert "Recording" in stage.texts()


def test_a_choice_never_undoes_what_another_process_has_chosen_meanwhile(stage, tmp_path) -> None:
    save_choices(Home(tmp_path).choices, replace(load_choices(Home(tmp_path).choices), enrolment_code="ABC"))
    stage.app.choose(wifi_only=False)
    kept = load_choices(Home(tmp_path).choices)
    assert (kept.enrolment_code, kept.wifi_only) == ("ABC", False)


def test_a_recorder_that_is_gone_is_started_again_now_and_then_and_said_to_be_gone(stage, tmp_path) -> None:
    write_status(Home(tmp_path).status, replace(DRIVING, at_s=NOW_S - 60))
    stage.phone.asked.clear()
    now_s = [NOW_S + 100.0]
    stage.app.clock = lambda: now_s[0]
    for _ in range(40):
        now_s[0] += 1.0
        stage.app.tick()
    assert stage.phone.asked.count("start") == 3
    assert "The recorder is not running." in stage.texts()


def test_the_phones_way_back_goes_back_and_at_home_leaves_the_app(stage) -> None:
    from kivy.core.window import Window

    stage.go("more")
    stage.go("settings")
    for expected in ("more", "home"):
        assert Window.dispatch("on_keyboard", 27, 0, None, [])
        assert stage.app.way.here == expected
    assert not stage.app.back()


def test_another_language_or_size_leaves_one_where_one_was(stage) -> None:
    stage.go("settings")
    stage.press(stage.find("160\u00a0%"))
    stage.press(stage.find("Français"))
    assert stage.app.way.here == "settings"
    assert "Réglages" in stage.texts()
    assert 0.0 < stage.app.page.scrolled < 1.0


def test_the_strip_flows_and_marks_its_shocks(stage, tmp_path) -> None:
    stage.go("live")
    with RingWriter(Home(tmp_path).ring) as ring:
        ring.write(20.0, road(20.0))
        stage.settle(0.3)
        chart = stage.app.page.ids.chart
        before = len(chart._line.vertices)
        assert before > 2000
        shown = [inner.size[0] > 0 for _, inner in chart._dots]
        assert sum(shown) >= 1
        flowed = stage.app.page._flow.shown
        ring.write(20.5, array("f", [0.0] * int(RATE_HZ / 2)))
        stage.settle(0.3)
        assert stage.app.page._flow.shown > flowed
    assert math.isfinite(chart._range)


def test_frames_of_live_are_timed_while_samples_come(stage, tmp_path) -> None:
    from benchmarks.phone_screens import frame_times_ms

    stage.__exit__(None, None, None)
    (tmp_path / "other").mkdir()
    times_ms, busy_ms = frame_times_ms(tmp_path / "other", 10)
    assert len(times_ms) == 10
    assert 0 < busy_ms < 2000


def test_live_says_why_the_strip_stands_still(stage, tmp_path) -> None:
    stage.go("live")
    assert "48" in stage.texts()
    write_status(Home(tmp_path).status, replace(DRIVING, at_s=NOW_S - 60))
    stage.tick()
    assert "The recorder is not running." in stage.texts()
    assert "48" not in stage.texts()


def test_the_place_where_one_is_becomes_private_and_can_be_taken_back(stage, tmp_path) -> None:
    stage.go("settings")
    before = Places(Home(tmp_path).outbox).added
    stage.press(stage.find("Add the place where I am"))
    here = cell_of(DRIVING.latitude, DRIVING.longitude, 500.0)
    assert Places(Home(tmp_path).outbox).added == [*before, here]
    stage.press(stage.find("Remove 3. Here"))
    assert Places(Home(tmp_path).outbox).added == before
    write_status(Home(tmp_path).status, replace(DRIVING, fix_age_s=3600.0))
    stage.tick()
    stage.press(stage.find("Add the place where I am"))
    assert Places(Home(tmp_path).outbox).added == before


def test_everything_is_deleted_in_two_steps_and_not_in_one(stage, tmp_path) -> None:
    stage.go("settings")
    stage.press(stage.find("Delete everything …"))
    assert deleting.wishes(Home(tmp_path)) == []
    stage.press(stage.find("No, keep it"))
    stage.press(stage.find("Delete everything …"))
    stage.press(stage.find("Yes, delete everything, here and on the server"))
    assert [wish.trip_id for wish in deleting.wishes(Home(tmp_path))] == [None]


def test_a_deletion_that_no_server_can_be_asked_for_is_told_until_it_was_read(stage, tmp_path) -> None:
    home = Home(tmp_path)
    deleting.wish_away(home, None, NOW_S)
    (wish,) = deleting.wishes(home)
    durable.write_json(home.deleting / "everything.json", asdict(replace(wish, failed=True)))
    stage.go("home")
    assert any(text.startswith("Deleted here. The server does not know") for text in stage.texts())
    stage.press(stage.find("Understood"))
    assert deleting.wishes(home) == []
    assert "Understood" not in stage.texts()


def test_a_copy_of_everything_is_saved_though_the_server_is_away(stage, tmp_path) -> None:
    stage.go("settings")
    stage.press(stage.find("Save a copy"))
    _until(stage, lambda: "Saved as" in stage.app.page.mine_said)
    assert len(list(tmp_path.glob("cahot-*.zip"))) == 1


def test_an_address_is_kept_and_checked(stage, tmp_path) -> None:
    stage.go("settings")
    stage.app.page.ids.server.text = " http://127.0.0.1:9/ "
    stage.press(stage.find("Keep and check"))
    _until(stage, lambda: not stage.app.page.server_fine)
    assert load_choices(Home(tmp_path).choices).server_url == "http://127.0.0.1:9"


def test_the_switch_and_the_chips_write_what_was_chosen(stage, tmp_path) -> None:
    stage.go("settings")
    stage.press(stage.find("Only over Wi-Fi"))
    stage.press(stage.find("Vibration"))
    stage.press(stage.find("Dark"))
    stage.press(stage.find("160\u00a0%"))
    kept = load_choices(Home(tmp_path).choices)
    assert (kept.wifi_only, kept.alert, kept.theme, kept.font_scale) == (False, "vibration", "dark", 1.6)
    assert stage.app.look.dark
    assert stage.app.look.scale == 1.6


def _arrange(stage, name: str) -> None:
    """What the permissions' screen explains is missing only where it is shown."""
    from benchmarks.phone_stage import AskingPhone
    from mobile_app.permissions import Unasked

    stage.phone.permissions = AskingPhone(grants=False) if name == "permissions" else Unasked()


def _own_touchables(stage) -> list:
    from mobile_app.ui.widgets import Tab

    return [one for one in stage.touchables() if not isinstance(one, Tab)]


def _large_enough(stage) -> None:
    from kivy.metrics import dp

    for widget in stage.touchables():
        assert min(widget.width, widget.height) >= dp(TOUCH_DP) - 0.5, f"{widget} is {widget.size}"


def _until(stage, done) -> None:
    end_s = time.monotonic() + 20
    while not done():
        assert time.monotonic() < end_s, "it did not happen in time"
        stage.frames()


def _whole_words(stage) -> None:
    """Each text lies within its widget, each word within its line, each widget within the window's width."""
    from kivy.core.window import Window
    from kivy.uix.label import Label

    for label in stage.widgets():
        if not isinstance(label, Label) or not label.text or not label.height or not label.opacity:
            continue
        assert label.texture_size[0] <= label.width + 1, f"{label.text!r} is wider than its place"
        assert label.texture_size[1] <= label.height + 1, f"{label.text!r} is higher than its place"
        left, _ = label.to_window(label.x, label.y)
        assert left >= -1, label.text
        assert left + label.width <= Window.width + 1, label.text
        room = label.text_size[0] or label.width
        for word in label.text.split():
            if not word.startswith(("http", "/")):
                assert label._label.get_extents(word)[0] <= room + 1, f"{word!r} is broken in two"


def _nothing_overlaps(stage) -> None:
    from kivy.uix.label import Label
    from kivy.uix.textinput import TextInput

    from mobile_app.ui.drawing import Icon, Picture

    kinds = (Label, TextInput, Icon, Picture)
    leaves = [one for one in stage.app.page.walk(restrict=True) if isinstance(one, kinds) and min(one.size) > 1 and one.opacity]
    leaves = [
        one
        for one in leaves
        if one.parent.opacity and (isinstance(one, TextInput) or getattr(one, "text", "") or getattr(one, "name", ""))
    ]
    places = [(one, *one.to_window(one.x, one.y), *one.size) for one in leaves]
    column = [one for one in places if _scrolls(one[0])]
    footer = [one for one in places if not _scrolls(one[0])]
    for group in (column, footer):
        for (one, x0, y0, w0, h0), (other, x1, y1, w1, h1) in itertools.combinations(group, 2):
            if one in other.walk(restrict=True) or other in one.walk(restrict=True):
                continue
            apart = x0 + w0 <= x1 + 1 or x1 + w1 <= x0 + 1 or y0 + h0 <= y1 + 1 or y1 + h1 <= y0 + 1
            assert apart, f"{_told(one)} lies over {_told(other)}"


def _scrolls(widget) -> bool:
    from kivy.uix.scrollview import ScrollView

    while widget is not None and widget is not widget.parent:
        if isinstance(widget, ScrollView):
            return True
        widget = widget.parent
    return False


def _told(widget) -> str:
    return repr(getattr(widget, "text", "") or getattr(widget, "name", "") or widget)
