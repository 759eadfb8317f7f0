"""`cahot serve` and `cahot work`: thin over `ingest.serve`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from ingest.commands import limits
from ingest.commands.assets import KnownAssets
from ingest.commands.screen import WrongUsage

HOST, PORT = "127.0.0.1", 8600
LOCAL_SERVER = f"http://{HOST}:{PORT}"

Data = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="Folder of everything kept; default ~/.local/share/cahot.", show_default=False),
]
Database = Annotated[
    str, typer.Option("--database", metavar="URL", help="SQLAlchemy URL; default SQLite in the data folder.", show_default=False)
]
Objects = Annotated[
    str,
    typer.Option("--objects", metavar="URL", help="s3://bucket/prefix for traces; default a folder in DIR.", show_default=False),
]
Host = Annotated[str, typer.Option("--host", metavar="H", help="Address to listen at; 0.0.0.0 is every one of this machine.")]
Port = Annotated[int, typer.Option("--port", metavar="P", min=0, max=65535, help="0 takes any free one.")]
K = Annotated[int, typer.Option("--k", metavar="K", min=1, help="Show the public no place that fewer devices passed.")]
Tiles = Annotated[
    str | None, typer.Option("--tile-url", metavar="URL", help="Raster background, with {z}/{x}/{y}; default none.")
]
Style = Annotated[str | None, typer.Option("--style-url", metavar="URL", help="MapLibre style as the background; default none.")]
Attribution = Annotated[str, typer.Option("--attribution", metavar="TEXT", help="Whom to thank for the background.")]
EnforceCut = Annotated[
    bool,
    typer.Option(
        "--enforce-cut",
        help="Withhold the ends of every trip whose chunks do not say that the phone did, before anything of it is kept.",
    ),
]
Cell = Annotated[
    float,
    typer.Option("--cell", metavar="M", min=10, max=65535, help="Size of the cells by which the server withholds ends."),
]
KeepTraces = Annotated[
    str | None,
    typer.Option(
        "--keep-traces",
        metavar="AGE",
        help="Delete traces after this time, as 90d or 12h; jolts and passes stay. Default: traces are kept.",
        show_default=False,
    ),
]


def seconds_of(age: str | None) -> float | None:
    """Seconds of an age as 90d, 12h or 30m. Raises WrongUsage."""
    from ingest.commands.screen import WrongUsage

    if age is None:
        return None
    number, unit = age[:-1], age[-1:]
    if unit not in UNIT_S or not number.isascii() or not number.isdecimal() or not int(number):
        raise WrongUsage(f"--keep-traces {age}: give a whole number and a unit, as 90d, 12h or 30m")
    return float(int(number) * UNIT_S[unit])


UNIT_S = {"d": 86_400, "h": 3_600, "m": 60}
Codes = Annotated[bool, typer.Option("--enrol-with-codes", help="Devices need a code of `cahot codes add`.")]
BehindProxy = Annotated[bool, typer.Option("--behind-proxy", help="A proxy in front speaks TLS with browsers and phones.")]
Forwarded = Annotated[
    str,
    typer.Option(
        "--forwarded-allow-ips",
        metavar="IPS",
        help="With --behind-proxy: whose X-Forwarded-For counts, by commas; default this machine's.",
        show_default=False,
    ),
]
PublicUrl = Annotated[
    str,
    typer.Option(
        "--public-url",
        metavar="URL",
        help="Where others reach this server, for links in its answers; default: where a request was sent to.",
        show_default=False,
    ),
]
Certificate = Annotated[
    Path | None,
    typer.Option("--certificate", metavar="PEM", help="Speak TLS with this chain.", show_default=False),
]
Key = Annotated[Path | None, typer.Option("--key", metavar="PEM", help="The certificate's private key.", show_default=False)]

LogFormat = Annotated[str, typer.Option("--log-format", metavar="FORM", help="text, or json: one object a line.")]
MetricsToken = Annotated[
    Path | None,
    typer.Option(
        "--metrics-token-file",
        metavar="FILE",
        help="Whoever sends its content as Bearer may read /metrics; without it, this machine alone.",
        show_default=False,
    ),
]


def serve(
    host: Host = HOST,
    port: Port = PORT,
    data: Data = None,
    database: Database = "",
    objects: Objects = "",
    k: K = 3,
    tile_url: Tiles = None,
    style_url: Style = None,
    attribution: Attribution = "",
    assets: KnownAssets = None,
    log_format: LogFormat = "text",
    metrics_token_file: MetricsToken = None,
    enforce_cut: EnforceCut = False,
    cell: Cell = 500.0,
    keep_traces: KeepTraces = None,
    enrol_with_codes: Codes = False,
    certificate: Certificate = None,
    key: Key = None,
    behind_proxy: BehindProxy = False,
    forwarded_allow_ips: Forwarded = "",
    public_url: PublicUrl = "",
    device_rate: limits.DeviceRate = limits.DEVICE_RATE,
    device_megabytes: limits.DeviceMegabytes = limits.DEVICE_MEGABYTES,
    address_rate: limits.AddressRate = limits.ADDRESS_RATE,
    enrolments: limits.Enrolments = limits.ENROLMENTS,
    address_connections: limits.AddressConnections = limits.ADDRESS_CONNECTIONS,
    connections: limits.Open = limits.CONNECTIONS,
    keep_free: limits.KeepFree = limits.KEEP_FREE,
    most_waiting: limits.MostWaiting = limits.MOST_WAITING,
) -> None:
    """Run the API, the worker and the map until Ctrl-C. Assets stay until another file is given, be it an empty collection.

    Until an administrator has signed in, each start prints a link to do so. Other machines need TLS, here or at a proxy.

    Example: cahot serve --data /srv/cahot --port 8600 --assets humps.geojson
    """
    from ingest.listening import Exposed, HalfACertificate, Listening

    where = Listening(host, port, certificate, key, behind_proxy, forwarded_allow_ips)
    try:
        where.check()
    except (Exposed, HalfACertificate) as error:
        raise WrongUsage(str(error)) from error
    from ingest import serve as server
    from ingest.commands.assets import read_telling
    from ingest.commands.screen import say
    from ingest.settings import Settings, default_data
    from mobile_app.privacy import Ends

    server.set_up_logging(_known(log_format))
    known = read_telling(assets)[0] if assets else None
    settings = Settings(
        data or default_data(),
        objects=objects,
        k=k,
        tile_url=tile_url,
        style_url=style_url,
        attribution=attribution,
        enrol_with_codes=enrol_with_codes,
        public_url=_address(public_url),
        ends=Ends.of_cell(cell),
        enforce_cut=enforce_cut,
        keep_traces_s=seconds_of(keep_traces),
        rates=limits.rates(device_rate, device_megabytes, address_rate, enrolments),
        connections=limits.connections(connections, address_connections),
        reserve=limits.reserve(keep_free, most_waiting),
    )
    settings = replace(settings, log_format=log_format, metrics_token=_token_in(metrics_token_file))

    def ready(address: str) -> None:
        print(address, flush=True)
        say(f"That is the map; the API is described at {address}docs, everything is kept in {settings.data}. Ctrl-C stops.")

    def admit(link: str) -> None:
        print(link, flush=True)
        minutes = settings.doors.admin_link_s / 60
        say(
            f"That link signs in the first administrator, once and within {minutes:.0f} minutes; `cahot users link` makes others."
        )

    server.serve(database=database, settings=settings, assets=known, where=where, on_ready=ready, on_first_admin=admit)


def work(
    data: Data = None,
    database: Database = "",
    objects: Objects = "",
    enforce_cut: EnforceCut = False,
    cell: Cell = 500.0,
    keep_traces: KeepTraces = None,
    log_format: LogFormat = "text",
) -> None:
    """Run a further worker on an installation's backlog until Ctrl-C, here or on another machine that has database and objects.

    What is withheld, and how long traces are kept, is told to each worker: give it what `cahot serve` was given.

    Example: cahot work --database postgresql+psycopg://cahot@db/cahot --objects s3://cahot/traces
    """
    from ingest import serve as server
    from ingest.commands.screen import say
    from ingest.settings import Settings, default_data
    from mobile_app.privacy import Ends

    server.set_up_logging(_known(log_format))
    say("working; Ctrl-C stops")
    chosen = Settings(
        data or default_data(), ends=Ends.of_cell(cell), enforce_cut=enforce_cut, keep_traces_s=seconds_of(keep_traces)
    )
    chosen = replace(chosen, log_format=log_format)
    server.work(data, database, objects, settings=chosen)


def _address(url: str) -> str:
    """Raises BadParameter for what is no address of a server."""
    parts = urlsplit(url)
    if url and (parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment):
        raise typer.BadParameter(f"{url!r} is not like https://roads.example.org", param_hint="--public-url")
    return url


def _known(log_format: str) -> str:
    from ingest.logs import FORMATS

    if log_format not in FORMATS:
        raise typer.BadParameter(f"{log_format!r} is not {' or '.join(FORMATS)}", param_hint="--log-format")
    return log_format


def _token_in(file: Path | None) -> str:
    """The token in an operator's file, "" without one. Raises BadParameter for one that could be guessed."""
    if file is None:
        return ""
    token = file.read_text(encoding="utf-8").strip()
    if len(token) < 24:
        raise typer.BadParameter(f"{file} holds less than 24 characters; openssl rand -hex 24", param_hint="--metrics-token-file")
    return token
