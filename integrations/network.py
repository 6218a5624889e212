"""What is between us and another server."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit
from urllib.request import proxy_bypass


def is_direct(url: str) -> bool:
    """No proxy on the way: to this machine, and where NO_PROXY says so."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or bool(proxy_bypass(host))
