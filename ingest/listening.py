"""Where a server may listen: tokens and cookies never cross a network in the clear.

Knows nothing of the server's parts, so that the command line can refuse before they are loaded.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from detection.errors import CahotError

OWN_PROXY = "127.0.0.1,::1"  # whose X-Forwarded-… headers count where nobody says otherwise


class Exposed(CahotError):
    """The server would speak plain HTTP to a network."""

    def __init__(self, host: str) -> None:
        self.host = host
        remedy = "give --certificate and --key, or say --behind-proxy where a proxy speaks TLS, or listen at 127.0.0.1"
        super().__init__(f"--host {host}: tokens and positions would cross the network unencrypted; {remedy}")


class HalfACertificate(CahotError):
    """A certificate without its key, or the other way round."""

    def __init__(self) -> None:
        super().__init__("--certificate and --key belong together; give both PEM files")


@dataclass(frozen=True)
class Listening:
    """host, port: port 0 takes any free one. certificate, key: PEM files; behind_proxy: a proxy in front speaks TLS.

    forwarded_allow_ips: whose X-Forwarded-For and -Proto count, by commas; from anyone else they are a stranger's claim.
    """

    host: str = "127.0.0.1"
    port: int = 8600
    certificate: Path | None = None
    key: Path | None = None
    behind_proxy: bool = False
    forwarded_allow_ips: str = ""

    def check(self) -> None:
        """Raises Exposed, HalfACertificate."""
        if (self.certificate is None) != (self.key is None):
            raise HalfACertificate
        if not (self.https or is_loopback(self.host)):
            raise Exposed(self.host)

    @property
    def https(self) -> bool:
        """Whether browsers reach it over TLS."""
        return self.certificate is not None or self.behind_proxy

    @property
    def trusted(self) -> str | None:
        """Addresses whose forwarding headers count; None: nobody's."""
        return (self.forwarded_allow_ips or OWN_PROXY) if self.behind_proxy else None


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach it."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
