"""Which triage channel shows a conversation. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

Place = TypeVar("Place")


def route(owner_id: int | None, places: Mapping[int | None, Place]) -> Place | None:
    """`places` by owner's id, None being the workspace's general one. None: nowhere to show it."""
    own = places.get(owner_id) if owner_id is not None else None
    return own if own is not None else places.get(None)
