"""The options of `cahot serve` that say how much it takes from whom; docs/limits.md has the reasons of the defaults."""

from __future__ import annotations

from typing import Annotated

import typer

from ingest.settings import Connections, Rates, Reserve

_PANEL = "Limits"

DeviceRate = Annotated[
    float, typer.Option("--device-rate", metavar="N", min=0.01, help="Requests a second of one phone.", rich_help_panel=_PANEL)
]
DeviceMegabytes = Annotated[
    float, typer.Option("--device-megabytes", metavar="MB", min=0.001, help="A second of one phone.", rich_help_panel=_PANEL)
]
AddressRate = Annotated[
    float, typer.Option("--address-rate", metavar="N", min=0.01, help="Requests a second of one address.", rich_help_panel=_PANEL)
]
Enrolments = Annotated[
    float,
    typer.Option("--enrolments", metavar="N", min=0.1, help="New phones an hour from one address.", rich_help_panel=_PANEL),
]
AddressConnections = Annotated[
    int,
    typer.Option(
        "--address-connections", metavar="N", min=0, help="Open connections of one address; 0: any.", rich_help_panel=_PANEL
    ),
]
Open = Annotated[
    int, typer.Option("--connections", metavar="N", min=10, help="Open connections of all together.", rich_help_panel=_PANEL)
]
KeepFree = Annotated[
    int,
    typer.Option("--keep-free", metavar="MB", min=0, help="Store nothing more when the disk has less.", rich_help_panel=_PANEL),
]
MostWaiting = Annotated[
    int,
    typer.Option(
        "--most-waiting", metavar="N", min=1, help="Store nothing more when so many trips wait.", rich_help_panel=_PANEL
    ),
]

DEVICE_RATE, DEVICE_MEGABYTES, ADDRESS_RATE = Rates.device_per_s, Rates.device_bytes_per_s / 1e6, Rates.address_per_s
ENROLMENTS, KEEP_FREE, MOST_WAITING = Rates.enrolments_per_s * 3600, Reserve.free_bytes >> 20, Reserve.backlog
ADDRESS_CONNECTIONS, CONNECTIONS = Connections.per_address, Connections.most


def rates(device_rate: float, device_megabytes: float, address_rate: float, enrolments: float) -> Rates:
    """What may come at once after a pause grows and shrinks with what may come for ever."""
    return Rates(
        device_per_s=device_rate,
        device_burst=max(Rates.device_burst * device_rate / Rates.device_per_s, 1.0),
        device_bytes_per_s=device_megabytes * 1e6,
        device_bytes_burst=Rates.device_bytes_burst * device_megabytes / DEVICE_MEGABYTES,
        address_per_s=address_rate,
        address_burst=max(Rates.address_burst * address_rate / ADDRESS_RATE, 1.0),
        enrolments_per_s=enrolments / 3600,
        enrolments_burst=max(Rates.enrolments_burst * enrolments / ENROLMENTS, 1.0),
    )


def connections(most: int, per_address: int) -> Connections:
    return Connections(most=most, per_address=per_address)


def reserve(keep_free: int, most_waiting: int) -> Reserve:
    return Reserve(free_bytes=keep_free << 20, backlog=most_waiting)
