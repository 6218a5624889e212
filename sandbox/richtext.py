"""The ``rich_text`` block that Slack adds to what people type."""

from __future__ import annotations

import re
from html import unescape

from sandbox.store import Json

FENCE = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)
TOKEN = re.compile(
    r"<(?P<ref>[^<>\n]+)>|`(?P<code>[^`\n]+)`|(?<!\w)\*(?P<bold>[^*\n]+)\*(?!\w)"
    r"|(?<!\w)_(?P<italic>[^_\n]+)_(?!\w)|(?<!\w)~(?P<strike>[^~\n]+)~(?!\w)|:(?P<emoji>[a-z0-9_+'-]+):(?!\d)"
)


def rich_text(text: str, block_id: str) -> Json:
    """Slack's block for a message text in mrkdwn, with ``&``, ``<`` and ``>`` escaped in it."""
    elements: list[Json] = []
    for number, part in enumerate(FENCE.split(text)):
        if number % 2:
            elements.append({"type": "rich_text_preformatted", "elements": _plain(part), "border": 0})
        else:
            elements += _paragraphs(part)
    return {"type": "rich_text", "block_id": block_id, "elements": elements}


def _paragraphs(text: str) -> list[Json]:
    """Runs of quoted and of plain lines."""
    found: list[Json] = []
    for quoted, lines in _runs(text.strip("\n").split("\n")):
        inline = _inline("\n".join(lines))
        if inline:
            kind = "rich_text_quote" if quoted else "rich_text_section"
            found.append({"type": kind, "elements": inline})
    return found


def _runs(lines: list[str]) -> list[tuple[bool, list[str]]]:
    runs: list[tuple[bool, list[str]]] = []
    for line in lines:
        quoted = line.startswith("&gt;")
        content = line.removeprefix("&gt;").removeprefix(" ") if quoted else line
        if runs and runs[-1][0] == quoted:
            runs[-1][1].append(content)
        else:
            runs.append((quoted, [content]))
    return runs


def _inline(text: str) -> list[Json]:
    elements: list[Json] = []
    position = 0
    for match in TOKEN.finditer(text):
        elements += _plain(text[position : match.start()])
        elements.append(_element(match))
        position = match.end()
    return elements + _plain(text[position:])


def _element(match: re.Match[str]) -> Json:
    kind, value = next((kind, value) for kind, value in match.groupdict().items() if value is not None)
    if kind == "ref":
        return _reference(value)
    if kind == "emoji":
        return {"type": "emoji", "name": value}
    return {"type": "text", "text": unescape(value), "style": {kind: True}}


def _reference(value: str) -> Json:
    target, _, label = value.partition("|")
    if target.startswith("@"):
        return {"type": "user", "user_id": target[1:]}
    if target.startswith("#"):
        return {"type": "channel", "channel_id": target[1:]}
    if target.startswith("!"):
        return {"type": "broadcast", "range": target[1:]}
    link: Json = {"type": "link", "url": unescape(target)}
    return link | {"text": unescape(label)} if label else link


def _plain(text: str) -> list[Json]:
    return [{"type": "text", "text": unescape(text)}] if text else []
