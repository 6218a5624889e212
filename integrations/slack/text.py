"""Slack's message text as a person reads it: names for ids, addresses for links, no escapes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

REFERENCE = re.compile(r"<([@#!]?)([^<>|]{1,2000})(?:\|([^<>]{0,2000}))?>")
ESCAPES = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
"""The three that Slack makes; "&copy;" is what somebody wrote."""
ESCAPED = re.compile("|".join(ESCAPES))
USER = re.compile(r"<@([UW][A-Z0-9]+)")


def mentioned(text: str) -> set[str]:
    """The ids of the people whom the text names."""
    return set(USER.findall(text))


def readable(text: str, names: Mapping[str, str]) -> str:
    """`names` by user id; who isn't in it is named as Slack labels them, else by the id."""

    def replace(match: re.Match[str]) -> str:
        sigil, target, label = match.group(1), match.group(2), match.group(3)
        if sigil == "@":
            return "@" + (names.get(target) or label or target)
        if sigil == "#":
            return "#" + (label or target)
        if sigil == "!":
            return label or "@" + target.split("^")[0]
        address = target.removeprefix("mailto:").removeprefix("tel:")
        return address if not label or label in {address, target} else f"{label} ({address})"

    # Unescaped last, so that text which only looks like a reference stays text.
    return ESCAPED.sub(lambda match: ESCAPES[match[0]], REFERENCE.sub(replace, text))


def text_of(message: Mapping[str, Any]) -> str:
    """The text, or what its attachments say where an app posts no text."""
    text = message.get("text")
    if isinstance(text, str) and text.strip():
        return text
    attachments = message.get("attachments")
    parts = [
        str(part.get("text") or part.get("fallback") or "")
        for part in (attachments if isinstance(attachments, list) else [])
        if isinstance(part, dict)
    ]
    return "\n".join(part for part in parts if part)
