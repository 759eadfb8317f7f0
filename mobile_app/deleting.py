"""Deleting one trip or everything, on this phone and on the server, whatever happens in between.

A person's wish is one file, on the disk before anything else is done, and gone when all of it is. What is on the phone is
deleted by the process that records and sends, for it alone writes there, within seconds and offline too; the server is asked
as soon as it can be reached, before anything else is sent to it. The screens write wishes and hide what is wished away.
"""

from __future__ import annotations

import contextlib
import shutil
import time
import uuid
from collections.abc import Collection
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from mobile_app import durable
from mobile_app.connection import Answer, Connection, Unreachable
from mobile_app.credentials import UnusableCredentials, load_credentials
from mobile_app.diary import Diary
from mobile_app.home import Home
from mobile_app.outbox import Outbox, continuations
from mobile_app.places import Places
from mobile_app.uploader import Verdict, judge
from mobile_app.wire.layout import check_trip_id

EVERYTHING = "everything"
ASK_AGAIN_S = 900.0  # what was under way when the server was first asked has arrived or died by then


@dataclass(frozen=True)
class Wish:
    """One trip, or all there is. server_url, token: whom to ask as whom, "" where this phone was not registered.

    here: whether all of it is gone from this phone. unknown_at_s: when the server said that it knows no such trip. failed: the
    server can never be asked, and the person must be told.
    """

    trip_id: str | None
    at_s: float
    server_url: str = ""
    token: str = field(default="", repr=False)
    here: bool = False
    unknown_at_s: float | None = None
    failed: bool = False

    @property
    def name(self) -> str:
        return self.trip_id or EVERYTHING

    @property
    def path(self) -> str:
        """Of the request that deletes it."""
        return f"/v1/trips/{self.trip_id}" if self.trip_id else "/v1/devices/me"


def wish_away(home: Home, trip_id: str | None, now_s: float | None = None) -> None:
    """From now on nothing of the trip is sent (None: of all that is here), and all of it is deleted. On the disk on return."""
    url = token = ""
    with contextlib.suppress(UnusableCredentials):
        known = load_credentials(home.credentials)
        url, token = known.server_url, known.token
    durable.make_folder(home.deleting)
    names = [None] if trip_id is None else [check_trip_id(trip_id), *continuations(home.outbox, trip_id)]
    for name in names:
        _write(home, Wish(name, time.time() if now_s is None else now_s, url, token))


def wishes(home: Home) -> list[Wish]:
    """All that is not done yet, everything first."""
    found = [_read(path) for path in sorted(home.deleting.glob("*.json"))]
    return sorted((wish for wish in found if wish is not None), key=lambda wish: wish.trip_id is not None)


def is_wished_away(home: Home, trip_id: str) -> bool:
    """Whether nothing of the trip may be shown or sent; a look at two names."""
    if (home.deleting / f"{trip_id}.json").exists():
        return True
    everything = _read(home.deleting / f"{EVERYTHING}.json")
    return everything is not None and not everything.here  # else the trip was begun after that


def erase_here(home: Home, outbox: Outbox, wish: Wish, recorded: Collection[str] = ()) -> None:
    """Deletes what is on this phone; may be cut off anywhere and done again. Only for the process that records and sends.

    recorded: trips that are still being written or cut: they stay until they are named no more.
    """
    if wish.here:
        return
    diary = Diary(home.diary)
    if wish.trip_id is None:
        held = {state.trip_id for state in outbox.trips()} | {entry.trip_id for entry in diary.entries()}
        held |= {fields["trip_id"] for fields in outbox.refused()}
    else:
        held = {wish.trip_id}
    for trip_id in held - set(recorded):
        outbox.forget(trip_id)
        diary.forget(trip_id)
    outbox.forget_sent(None if wish.trip_id is None else held)
    for folder in (outbox.folder, home.diary):
        durable.sweep_foreign(folder)
    if wish.trip_id is None:
        _erase_the_rest(home, outbox, wish)
    if not held & set(recorded):
        _write(home, replace(wish, here=True))


def ask(home: Home, wish: Wish, now_s: float, **options: Any) -> bool:
    """Has the server delete it; returns whether that is over, for better or worse. Raises Unreachable.

    A trip that the server does not know is asked for once more later: its first chunk may still be on its way.
    """
    if not wish.token:
        return True
    if wish.unknown_at_s is not None and 0 <= now_s - wish.unknown_at_s < ASK_AGAIN_S:
        return False
    connection = Connection(wish.server_url, wish.token, **options)
    try:
        answer = connection.ask("DELETE", wish.path)
        erased = answer.status in (204, 410) or (answer.status == 401 and _knows_as_erased(connection))
    finally:
        connection.close()
    if erased:
        return True
    if answer.status == 404 and answer.code == "not_found":
        if wish.unknown_at_s is not None:
            return True
        _write(home, replace(wish, unknown_at_s=now_s))
        return False
    if answer.code and judge(answer) in (Verdict.STOP, Verdict.REFUSED):
        give_up(home, wish)
        return True
    raise AskLater(answer)


class AskLater(Unreachable):
    """The server, or something before it, did not do it this time."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__(answer.words)


def give_up(home: Home, wish: Wish) -> None:
    """The server does not know any more who asks: only a person can, so it is told (`Wish.failed`)."""
    _write(home, replace(wish, failed=True, token=""))


def fulfilled(home: Home, wish: Wish) -> None:
    """All of it is done: the wish itself goes, unless the person must be told first that the server could not be asked."""
    durable.sweep_abandoned(home.deleting)
    held = _read(home.deleting / f"{wish.name}.json")
    if held is not None and held.here and not held.failed:
        dismiss(home, wish.name)


def dismiss(home: Home, name: str) -> None:
    """Takes a wish off the list, after it is done or its failure was read. name: a trip, or EVERYTHING."""
    (home.deleting / f"{name}.json").unlink(missing_ok=True)
    durable.sync_folder(home.deleting)


def _knows_as_erased(connection: Connection) -> bool:
    """Whether the token is unknown because its device was erased, as by this wish when its answer got lost: such a one gets 410
    wherever trips are sent to. The trip asked about is made up.
    """
    answer = connection.ask("POST", f"/v1/trips/{uuid.uuid4()}/finish", b'{"chunks": 1}', "application/json")
    return answer.status == 410 and bool(answer.code)


def _erase_the_rest(home: Home, outbox: Outbox, wish: Wish) -> None:
    """What belongs to no trip. What a person chose stays: settings, and the places they added."""
    shutil.rmtree(outbox.folder / "refused", ignore_errors=True)
    shutil.rmtree(home.reports, ignore_errors=True)
    for path in (home.defects, home.contribution, home.ring):
        path.unlink(missing_ok=True)
    Places(outbox.folder).forget_ends()
    for other in wishes(home):
        if other.trip_id and other.token in ("", wish.token):
            dismiss(home, other.name)
    _forget_credentials(home, wish)


def _forget_credentials(home: Home, wish: Wish) -> None:
    """Whoever records on is a new device to the server."""
    with contextlib.suppress(UnusableCredentials):
        if load_credentials(home.credentials).token == wish.token:
            home.credentials.unlink()
            durable.sync_folder(home.folder)


def _write(home: Home, wish: Wish) -> None:
    durable.write_json(home.deleting / f"{wish.name}.json", asdict(wish))


def _read(path: Path) -> Wish | None:
    """A damaged wish is still one: of the trip it is named after, though nobody knows whom to ask."""
    told = durable.read_json(path) or {}
    known = {one.name: told[one.name] for one in fields(Wish) if one.name in told}
    named = None if path.stem == EVERYTHING else path.stem
    return Wish(**({"at_s": 0.0, **known} | {"trip_id": named})) if path.exists() else None
