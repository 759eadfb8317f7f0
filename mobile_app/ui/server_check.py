"""Whether an address is a Cahot server that answers, in a sentence. Asks the network: for a thread of its own."""

from __future__ import annotations

from dataclasses import dataclass

from mobile_app.connection import Connection, Unreachable
from mobile_app.ui.words import N_

PATIENCE_S = 8.0  # somebody waits before the screen


@dataclass(frozen=True)
class Checked:
    """url: as it is to be kept. said: before translation, with {why} in it."""

    url: str
    fine: bool
    said: str
    why: str = ""


def tidy(text: str) -> str:
    """As a person writes it ("roads.example.org/") into an address; "" stays."""
    text = text.strip().rstrip("/")
    return f"https://{text}" if text and "://" not in text else text


def check(text: str) -> Checked:
    url = tidy(text)
    if not url:
        return Checked("", True, N_("Without a city, everything stays on this phone."))
    try:
        connection = Connection(url, timeout_s=PATIENCE_S, deadline_s=PATIENCE_S)
    except ValueError:
        return Checked(url, False, N_("That is not an address. Write it as https://roads.example.org"))
    try:
        answer = connection.ask("GET", "/healthz")
    except Unreachable as error:
        return Checked(url, False, N_("No answer: {why}. It is kept, and tried again by itself."), str(error))
    finally:
        connection.close()
    if answer.status != 200 or answer.fields.get("status") != "ok":
        return Checked(url, False, N_("Something answers there, but it is not a Cahot server. Ask the city for the address."))
    return Checked(url, True, N_("The city’s server answers."))
