"""The folder mobile_app, copied to a machine that has nothing but Python, records and sends."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from faulty_server import TOKEN, FaultyServer

from mobile_app import wire

SOURCE = Path(wire.__file__).parents[1]
PHONE = """
import importlib.util, sys
assert sys.path[0] == sys.argv[1] and not any("site-packages" in path for path in sys.path), sys.path
for absent in ("numpy", "detection", "ingest", "pydantic", "kivy"):
    assert importlib.util.find_spec(absent) is None, absent
from mobile_app.credentials import register
from mobile_app.outbox import Outbox
from mobile_app.recorder import ChunkWriter, recover
from mobile_app.uploader import Uploader
import mobile_app.connection, mobile_app.durable, mobile_app.open_part, mobile_app.wire
import mobile_app.sync, mobile_app.deleting, mobile_app.trips, mobile_app.alerts, mobile_app.exporting, mobile_app.account

folder, url = sys.argv[2:]
trip = "5f0c7a52-3b1e-4c9d-8a77-0d6b2f1e9c34"
outbox = Outbox(folder)
writer = ChunkWriter(outbox, trip, 1_777_878_720_000_000, ends=None)
for i in range(7000):
    writer.accelerometer(i / 100, 0.25, 0.5, 9.75)
    writer.gyroscope(i / 100, 0.0, 0.0, 0.125)
    if i % 100 == 0:
        writer.location(i / 100, 48.85, 2.35, 10.0)
del writer  # as a kill would
assert recover(outbox).samples
device_id, token = register(url)
outcome = Uploader(outbox, url, token).run()
assert outcome.closed == [trip], outcome
needed = {name.split(".")[0] for name in sys.modules}
assert not needed & {"numpy", "detection", "ingest"}, needed
"""


def test_mobile_app_copied_alone_records_recovers_and_sends_without_numpy(tmp_path):
    shutil.copytree(SOURCE, tmp_path / "phone" / "mobile_app", ignore=shutil.ignore_patterns("__pycache__"))
    with FaultyServer() as server:
        # -I: no environment, no current folder; -S: no site-packages. The copy is put first by the -c prelude.
        prelude = "import sys; sys.path.insert(0, sys.argv[1])\n"
        command = [
            sys.executable,
            "-I",
            "-S",
            "-c",
            prelude + PHONE,
            str(tmp_path / "phone"),
            str(tmp_path / "outbox"),
            server.url,
        ]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        chunks = [wire.decode(data) for data in server.store.values()]
    assert TOKEN not in done.stdout + done.stderr
    assert sorted(chunk.number for chunk in chunks) == [0, 1]
    assert sum(len(chunk.accelerometer) for chunk in chunks) >= 6500


def test_importing_the_phones_code_does_not_import_numpy_where_it_is_installed():
    code = (
        "import sys, mobile_app.recorder, mobile_app.uploader, mobile_app.wire; "
        "sys.exit(bool({'numpy', 'detection', 'ingest'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=SOURCE.parent, check=False).returncode == 0
