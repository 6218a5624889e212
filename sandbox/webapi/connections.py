"""apps.connections.open: the way into Socket Mode."""

from __future__ import annotations

from sandbox.socket_mode import new_address
from sandbox.store import Json
from sandbox.webapi.registry import Call, method


@method("apps.connections.open", caller="app")
def apps_connections_open(call: Call) -> Json:
    return {"url": new_address(call.world)}
