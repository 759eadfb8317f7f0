"""The phone's random id and secret token: asked for once, kept in a file that only its owner can read."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from mobile_app import durable
from mobile_app.connection import Answer, Connection, Unreachable


class RegistrationFailed(Exception):
    """The server gave no token; `str(error)` says why and what to do. answer: what it said; unreachable: why it said nothing."""

    def __init__(self, words: str, answer: Answer | None = None, unreachable: Unreachable | None = None) -> None:
        self.answer, self.unreachable = answer, unreachable
        super().__init__(words)


class UnusableCredentials(Exception):
    """The file of the token is missing, damaged or open to others; `str(error)` says what to do."""


@dataclass(frozen=True)
class Credentials:
    """Where to send, and as whom."""

    server_url: str
    device_id: str
    token: str = field(repr=False)


def register(server_url: str, enrolment_code: str | None = None, *, timeout_s: float = 30.0) -> tuple[str, str]:
    """device_id and token of a new device. enrolment_code: where the city asks for one. Raises RegistrationFailed."""
    body = json.dumps({"code": enrolment_code}).encode() if enrolment_code is not None else b""
    try:
        connection = Connection(server_url, timeout_s=timeout_s)
    except ValueError as error:
        raise RegistrationFailed(str(error)) from None
    try:
        answer = connection.ask("POST", "/v1/devices", body, "application/json" if body else None)
    except Unreachable as error:
        raise RegistrationFailed(f"{error}; try again later", unreachable=error) from None
    finally:
        connection.close()
    device_id, token = answer.fields.get("device_id"), answer.fields.get("token")
    if answer.status != 201 or not isinstance(device_id, str) or not isinstance(token, str):
        raise RegistrationFailed(f"{server_url} enrolled no device: {answer.words}; {_remedy(answer.status)}", answer)
    return device_id, token


def _remedy(status: int) -> str:
    if status in (401, 403):
        return "ask the city for an enrolment code"
    if status == 429 or status >= 500:
        return "try again later"
    return "check the address"


def save_credentials(path: str | Path, credentials: Credentials) -> None:
    """Written whole, mode 0600."""
    path = Path(path)
    durable.make_folder(path.parent)
    fields = {"server_url": credentials.server_url, "device_id": credentials.device_id, "token": credentials.token}
    durable.write_json(path, fields)


def load_credentials(path: str | Path) -> Credentials:
    """Raises UnusableCredentials, also where others than the owner may read the file."""
    path = Path(path)
    fields = durable.read_json(path)
    if fields is None:
        raise UnusableCredentials(f"{path}: there is no token in it; register this device")
    if os.name != "nt" and path.stat().st_mode & 0o077:
        raise UnusableCredentials(f"{path}: others may read the token; chmod 600 it, or register this device anew")
    try:
        return Credentials(str(fields["server_url"]), str(fields["device_id"]), str(fields["token"]))
    except KeyError as error:
        raise UnusableCredentials(f"{path}: {error} is missing; register this device anew") from None
