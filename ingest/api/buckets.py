"""Token buckets: how often, or how much, somebody may ask; for ever so much a second, and a burst after a pause.

Arithmetic only: time is given, nobody waits, nothing is looked up elsewhere. Who asks, and what happens when a bucket is
empty, is `ingest.api.rates`.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict


class Buckets:
    """One bucket for each name, all alike: `per_s` tokens flow in each second, up to `burst`.

    Taking may leave a debt: the size of a body is known only once it is there, so it is let in while anything is left and
    charged afterwards. At most `most` buckets are remembered; the one unused longest is forgotten, as if it were full.
    """

    def __init__(self, per_s: float, burst: float, most: int) -> None:
        self._per_s, self._burst, self._most = per_s, burst, most
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # name: (tokens, at s), unused longest first

    def __len__(self) -> int:
        return len(self._buckets)

    def wait_s(self, name: str, now_s: float) -> float:
        """How long until `name` may take again; 0.0 if it may now. Changes nothing."""
        tokens = self._tokens(name, now_s)
        return 0.0 if tokens >= 1.0 else (1.0 - tokens) / self._per_s

    def take(self, name: str, tokens: float, now_s: float) -> None:
        """Charge so many tokens, be they there or not."""
        self._buckets[name] = (self._tokens(name, now_s) - tokens, now_s)
        self._buckets.move_to_end(name)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)

    def _tokens(self, name: str, now_s: float) -> float:
        tokens, at_s = self._buckets.get(name, (self._burst, now_s))
        return min(self._burst, tokens + self._per_s * max(now_s - at_s, 0.0))


def network_of(address: str) -> str | None:
    """The name of an address's bucket: IPv4 as it is, IPv6 the /64 that one subscriber gets; None for what is no address."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return None  # a socket file, or a client within the process
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(ipaddress.IPv6Network((ip, 64), strict=False).network_address)
