"""What a message says, wherever in it Slack puts that: its text, its blocks, its attachments."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from integrations.slack import blocks
from integrations.slack.markup import Names, html_of, safe
from integrations.slack.text import labels, mentioned, readable

MARKS = frozenset("<*_~`&:")
"""Text without any of these is written as it stands: `&` begins a quoted line."""


def write(text: str, found: object, names: Names) -> tuple[str, str]:
    """What a message says, as plain text and as HTML that is safe to show; `found` are its blocks.

    The HTML is empty where it would show no more than the text.
    """
    names = labels(text) | dict(names)
    plain = readable(text, names, blocks.emoji(found))
    if not found and not any(mark in text for mark in MARKS):
        return plain, ""
    html = blocks.html(found, names) or html_of(text, names)
    return plain, "" if html == escape(plain) else safe(html)


def named(text: str, found: object) -> set[str]:
    """The ids of the people, channels and user groups whose names are needed to write it."""
    return mentioned(text) | blocks.named(found)


def text_of(message: Mapping[str, Any]) -> str:
    """In Slack's markup: the text, or what the blocks or attachments say where there is none; with what another
    message said that is passed on in it."""
    text = message.get("text")
    if not isinstance(text, str) or not text.strip():
        return blocks.mrkdwn(message.get("blocks")) or "\n".join(_attached(message, only_passed_on=False))
    return "\n".join([text, *_quoted(message)])


def blocks_of(message: Mapping[str, Any]) -> list[blocks.Block]:
    """The blocks, with what is passed on as one more; none where the text is all there is."""
    found, quoted = blocks.listed(message.get("blocks")), _quoted(message)
    if found and quoted:
        found = [*found, {"type": "section", "text": {"type": "mrkdwn", "text": "\n".join(quoted)}}]
    return found


def _quoted(message: Mapping[str, Any]) -> list[str]:
    """Lines of messages that somebody passed on with words of their own."""
    return [f"&gt; {line}" for part in _attached(message, only_passed_on=True) for line in part.splitlines()]


def _attached(message: Mapping[str, Any], *, only_passed_on: bool) -> list[str]:
    parts = blocks.listed(message.get("attachments"))
    return [said for part in parts if (part.get("is_share") or not only_passed_on) and (said := _attachment(part))]


def _attachment(part: Mapping[str, Any]) -> str:
    """An attachment's title and text, or what stands for both."""
    said = [part.get(name) for name in ("pretext", "title", "text")]
    lines = [line for line in said if isinstance(line, str) and line.strip()]
    fallback = part.get("fallback")
    return "\n".join(lines) or blocks.mrkdwn(part.get("blocks")) or (fallback if isinstance(fallback, str) else "")
