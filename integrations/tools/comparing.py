"""Compares both sides of a tool's links."""

from __future__ import annotations


def go_on(*, seconds: float) -> bool:
    return seconds > 0
