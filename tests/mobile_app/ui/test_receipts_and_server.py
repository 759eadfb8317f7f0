"""P14: the receipt that a person is shown names exactly what the server holds."""

from __future__ import annotations

import hashlib
import zipfile

from city_server import CityServer
from phone_home import phone, sync_of

from mobile_app.diary import Diary
from mobile_app.exporting import export_mine
from mobile_app.outbox import Outbox
from mobile_app.ui.told import trip
from tests.mobile_app.privacy.drives import TRIP, drive, recorded


def test_the_checksums_shown_are_those_of_the_servers_own_bytes(tmp_path):
    with CityServer(tmp_path / "city") as city:
        home = phone(tmp_path / "phone", city.url)
        recorded(home.outbox, drive([(0, 0), (3000, 0), (3000, 2500)]), diary=Diary(home.diary))
        sync_of(home).step()
        export_mine(home, tmp_path / "mine.zip")
    with zipfile.ZipFile(tmp_path / "mine.zip") as archive:
        names = sorted(name for name in archive.namelist() if name.startswith(f"server/traces/{TRIP}/"))
        held = [hashlib.sha256(archive.read(name)).hexdigest() for name in names]
    parts = trip.receipt(Outbox(home.outbox).receipts(TRIP), 0.0)
    assert held
    assert sorted(part.more for part in parts) == sorted(f"SHA-256 {one}" for one in held)
