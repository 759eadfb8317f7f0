"""Whom a phone believes when it speaks TLS: the system's authorities, and where Python finds none of them, certifi's.

Python built for Android and iOS looks for authorities where no phone has them: without this every https server is refused.
"""

from __future__ import annotations

import ssl


def trusted() -> ssl.SSLContext:
    """For clients: certificate and name are checked. certifi is imported only where it is needed and there."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    places = ssl.get_default_verify_paths()  # None each where there is no such file or folder
    if places.cafile is None and places.capath is None:
        try:
            import certifi
        except ImportError:
            return context  # it believes nobody, which is told as any failure
        context.load_verify_locations(certifi.where())
    return context
