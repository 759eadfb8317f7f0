"""`cahot users`: who of the city may come in, and with what. No passwords: links that are good once, and tokens for scripts."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from ingest.commands.installation import opened
from ingest.commands.screen import UnusableInput, WrongUsage, say
from ingest.commands.serving import LOCAL_SERVER, Data, Database

if TYPE_CHECKING:  # at run time late: a mistyped option need not wait for the database
    from sqlalchemy.orm import Session

    from ingest.store.schema import User

DAY_S = 86_400.0
NAME = r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}"  # goes into logs and addresses: no blanks, nothing to escape
EMAIL = r"[^@\s]{1,64}@[^@\s]{1,189}"

app = typer.Typer(help="Who of the city may come in: crew, analyst, admin.")

Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]
Role = Annotated[str, typer.Option("--role", metavar="ROLE", help="crew, analyst or admin.", show_default=False)]
Email = Annotated[str | None, typer.Option("--email", metavar="ADDRESS", help="Kept beside the name.", show_default=False)]
Server = Annotated[str, typer.Option("--server", metavar="URL", help="Where people reach the server; for the link.")]
Days = Annotated[int, typer.Option("--days", metavar="D", min=1, max=3650, help="How long it is good.")]


@app.command("add")
def add(
    name: Name, role: Role, email: Email = None, server: Server = LOCAL_SERVER, data: Data = None, database: Database = ""
) -> None:
    """Add a user and print a link that signs them in, once.

    Example: cahot users add anna --role crew --server https://cahot.example.org
    """
    from ingest.store import users

    _check(role)
    if not re.fullmatch(NAME, name):
        raise WrongUsage(f"users add {name!r}: a name is letters, digits and . _ @ -, at most 64 of them")
    if email is not None and not re.fullmatch(EMAIL, email):
        raise WrongUsage(f"users add --email {email!r}: that is no address")
    with _writing(data, database) as session:
        try:
            user = users.add(session, name, role, email, time.time())
        except users.NameTaken:
            raise UnusableInput(f"users add {name}: there already; `cahot users link {name}` makes a new link") from None
        _note(session, "user.add", user, None, role)
        _print_link(session, user, server)


@app.command("list")
def show(data: Data = None, database: Database = "") -> None:
    """Print who may come in.

    Example: cahot users list
    """
    import pandas as pd

    from ingest.api.geojson import moment
    from ingest.commands.screen import show as show_table
    from ingest.store import users

    with opened(data, database) as store, store.database.read() as session:
        held = users.known(session)
        rows = [(u.name, u.role, u.email, moment(u.created_at), moment(u.signed_in_at)) for u in held]
    show_table(pd.DataFrame(rows, columns=["name", "role", "email", "added", "signed in"]))


@app.command("remove")
def remove(name: Name, data: Data = None, database: Database = "") -> None:
    """Remove a user; what they are signed in with ends at once.

    Example: cahot users remove anna
    """
    from ingest.store import users

    with _writing(data, database) as session:
        user = _named(session, name)
        _note(session, "user.remove", user, user.role, None)
        users.remove(session, user)
    say(f"{name} is removed")


@app.command("role")
def change_role(name: Name, role: Role, data: Data = None, database: Database = "") -> None:
    """Give a user another role; they sign in anew.

    Example: cahot users role anna --role analyst
    """
    from ingest.store import users

    _check(role)
    with _writing(data, database) as session:
        user = _named(session, name)
        _note(session, "user.role", user, user.role, role)
        users.change_role(session, user, role)
    say(f"{name} is {role} now; `cahot users link {name}` lets them in")


@app.command("link")
def link(name: Name, server: Server = LOCAL_SERVER, data: Data = None, database: Database = "") -> None:
    """Print a new link that signs a user in, once; the one before is void.

    Example: cahot users link anna --server https://cahot.example.org
    """
    with _writing(data, database) as session:
        _print_link(session, _named(session, name), server)


@app.command("token")
def token(name: Name, days: Days = 365, data: Data = None, database: Database = "") -> None:
    """Print a token for a user's scripts (Authorization: Bearer), with the user's role.

    Example: cahot users token exporter --days 90
    """
    from ingest.store import users

    with _writing(data, database) as session:
        user = _named(session, name)
        _note(session, "user.token", user, None, f"{days} days")
        print(users.give(session, user.id, users.TOKEN, time.time(), days * DAY_S))
    say(f"shown this once; good for {days} days, or until `cahot users sign-out {name}`")


@app.command("sign-out")
def sign_out(name: Name, data: Data = None, database: Database = "") -> None:
    """End all sessions, links and tokens of a user, at once.

    Example: cahot users sign-out anna
    """
    from ingest.store import users

    with _writing(data, database) as session:
        user = _named(session, name)
        _note(session, "user.sign-out", user, None, None)
        users.shut_out(session, user)
    say(f"{name} is signed out everywhere")


def _print_link(session: Session, user: User, server: str) -> None:
    from ingest.settings import Doors
    from ingest.store import users

    lasts_s = Doors().admin_link_s if user.role == "admin" else Doors().link_s
    _note(session, "user.link", user, None, None)
    print(f"{server.rstrip('/')}/sign-in.html#{users.give(session, user.id, users.LINK, time.time(), lasts_s)}")
    told = f"{lasts_s / DAY_S:.0f} days" if lasts_s >= DAY_S else f"{lasts_s / 60:.0f} minutes"
    say(f"signs in {user.name} ({user.role}), once, within {told}; give it to nobody else")


def _note(session: Session, what: str, user: User, before: str | None, after: str | None) -> None:
    from ingest.store import audit

    audit.append(session, time.time(), audit.Deed(audit.OPERATOR), what, f"user:{user.name}", before, after)


def _named(session: Session, name: str) -> User:
    from ingest.store import users

    return users.named(session, name) or _unknown(name)


def _unknown(name: str) -> NoReturn:
    raise UnusableInput(f"no user is called {name!r}; `cahot users list` shows them")


def _check(role: str) -> None:
    from ingest.store.users import ROLES

    if role not in ROLES:
        raise WrongUsage(f"--role {role}: a role is one of {', '.join(ROLES)}")


@contextmanager
def _writing(data: Path | None, database: str) -> Iterator[Session]:
    with opened(data, database, new=True) as store, store.database.write() as session:
        yield session
