"""What the person's drives were good for."""

from __future__ import annotations

from typing import Any

from kivy.properties import ListProperty, NumericProperty, StringProperty

from mobile_app import durable
from mobile_app.diary import Diary
from mobile_app.ui import charts
from mobile_app.ui.page import Page
from mobile_app.ui.seen import Seen
from mobile_app.ui.told import contribution as told
from mobile_app.ui.told.age import age, fetched_s
from mobile_app.ui.widgets import Row
from mobile_app.ui.words import _, distance

__all__ = ["charts"]


class FigureTile(Row):
    value = StringProperty("")
    words = StringProperty("")
    icon = StringProperty("")


class ContributionPage(Page):
    """figures: of (value, words, icon). sentence: about defects and repairs, with its dots."""

    every_s = 10.0
    age = StringProperty("")
    figures = ListProperty()
    sentence = StringProperty("")
    filled = NumericProperty(0)
    hollow = NumericProperty(0)
    bars = ListProperty()
    bar_figures = ListProperty()
    nothing = StringProperty("")

    def show(self, seen: Seen) -> None:
        home = self.app.home
        fields = durable.read_json(home.contribution)
        fetched = told.read(fields)
        self.age = _("From the city’s server: {age}").format(age=age(fetched_s(fields), seen.now_s))
        self.figures = [(one.value, one.words, one.icon) for one in told.figures(fetched)] if fetched else []
        self.sentence = told.confirmed(fetched) if fetched else ""
        self.filled, self.hollow = told.dots(fetched) if fetched else (0, 0)
        self.nothing = "" if fetched else _("Your first drive will show up here, once it was sent.")
        self._show_weeks(seen.now_s)

    def _show_weeks(self, now_s: float) -> None:
        weeks = told.weeks(Diary(self.app.home.diary).entries(), now_s)
        self.bar_figures = [distance(week.km) if week.km else "" for week in weeks]
        labels = told.below_bars(weeks)
        self.bars = [(week.km, week.sent_km, label) for week, label in zip(weeks, labels, strict=True)]

    def on_figures(self, *_args: Any) -> None:
        """One tile each."""
        self.ids.figures.clear_widgets()
        for value, words, icon in self.figures:
            self.ids.figures.add_widget(FigureTile(value=value, words=words, icon=icon))
