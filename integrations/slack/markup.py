"""Slack's mrkdwn as HTML.

https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from html import escape
from typing import Final, TypeAlias

import nh3

from conversations.excerpts import clean
from integrations.slack.emoji import NAME, character, stands_apart
from integrations.slack.text import REFERENCE, readable, special, unescape

Names: TypeAlias = Mapping[str, str]
"""By the id of a person, channel or user group."""
Part: TypeAlias = tuple[bool, str]
"""A part of a text as HTML, and whether it stands on lines of its own."""

_TOKEN: Final = re.compile(rf"(?P<ref>{REFERENCE.pattern})|`(?P<code>[^`]+)`|(?P<mark>[*_~])|{NAME}")
_MARKS: Final = {"*": "strong", "_": "em", "~": "s"}
_WEB: Final = re.compile(r"(?:https?://|mailto:)[^\s]", re.IGNORECASE)
_CLEANER: Final = nh3.Cleaner(
    tags={"a", "blockquote", "code", "em", "li", "ol", "pre", "s", "span", "strong", "time", "ul"},
    attributes={"a": {"href"}, "ol": {"start"}, "time": {"datetime"}},
    allowed_classes={"span": {"mention"}},
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="noopener noreferrer nofollow",
    set_tag_attribute_values={"a": {"target": "_blank"}},
)


def safe(html: str) -> str:
    """The last line of defence: nothing but these tags, and no address that could run anything."""
    return _CLEANER.clean(clean(html))


def html_of(text: str, names: Names) -> str:
    """Escaped, but not yet made `safe`. Line breaks stay as they are: the page keeps them."""
    return joined(parts_of(text, names))


def parts_of(text: str, names: Names) -> list[Part]:
    pieces = text.split("```")
    if len(pieces) % 2 == 0:  # the last of them opens nothing
        pieces[-2:] = ["```".join(pieces[-2:])]
    parts: list[Part] = []
    for index, piece in enumerate(pieces):
        if index % 2 and piece.strip("\n"):
            parts.append((True, preformatted(readable(piece.strip("\n"), names, {}))))
        else:
            parts += _paragraphs(piece, names)
    return parts


def joined(parts: Iterable[Part]) -> str:
    """Around a part that stands on lines of its own no break is needed."""
    whole, after_block = "", True
    for is_block, html in parts:
        if not is_block and after_block:
            html = html.removeprefix("\n")  # noqa: PLW2901
        elif not is_block:
            whole += "\n"
        else:
            whole = whole.removesuffix("\n")
        whole += html
        after_block = is_block
    return whole


def preformatted(text: str) -> str:
    return f"<pre><code>{escape(text)}</code></pre>"


def mention(name: str) -> str:
    return f'<span class="mention">{escape(name)}</span>'


def link(address: str, label: str) -> str:
    """`label` as HTML, or nothing for the address itself. What isn't for a browser stays text."""
    plain = escape(address.removeprefix("mailto:").removeprefix("tel:"))
    if _WEB.match(address):
        return f'<a href="{escape(address)}">{label or plain}</a>'
    return f"{label} ({plain})" if label and label != plain else plain


def moment(seconds: str | int, fallback: str) -> str:
    """A special date, which Slack writes in the reader's own time zone; `fallback` as the writer gave it."""
    try:
        at = datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return escape(fallback or str(seconds))
    return f'<time datetime="{at.isoformat()}">{escape(fallback or f"{at:%-d %b %Y, %H:%M} UTC")}</time>'


def _paragraphs(text: str, names: Names) -> Iterator[Part]:
    """Runs of quoted and of plain lines. `>>>` quotes all that follows."""
    run: list[str] = []
    quoted = to_the_end = False
    for line in text.split("\n"):
        starts_quote = to_the_end or line.startswith("&gt;")
        if run and starts_quote != quoted:
            yield quoted, _run(run, quoted=quoted)
            run = []
        if not to_the_end and line.startswith("&gt;&gt;&gt;"):
            to_the_end = True
            line = line.removeprefix("&gt;&gt;&gt;").removeprefix(" ")  # noqa: PLW2901
        elif starts_quote and not to_the_end:
            line = line.removeprefix("&gt;").removeprefix(" ")  # noqa: PLW2901
        quoted = starts_quote
        run.append(_inline(line, names))
    yield quoted, _run(run, quoted=quoted)


def _run(lines: list[str], *, quoted: bool) -> str:
    html = "\n".join(lines)
    return f"<blockquote>{html}</blockquote>" if quoted else html


def _inline(line: str, names: Names) -> str:
    """One line: marks pair up within it, and only where they stand at a word's edge."""
    drawn: list[str] = []
    opened: list[tuple[str, int]] = []
    """Marks that wait for their counterpart, each with its place in `drawn`."""
    at = 0
    for match in _TOKEN.finditer(line):
        drawn.append(escape(unescape(line[at : match.start()])))
        at = match.end()
        mark = match["mark"]
        if not mark:
            drawn.append(_token(match, names))
        elif mark in {one for one, _ in opened} and _may_close(match):
            while opened:
                other, place = opened.pop()
                if other == mark:
                    drawn[place] = f"<{_MARKS[mark]}>"
                    break
            drawn.append(f"</{_MARKS[mark]}>")
        else:
            if mark not in {one for one, _ in opened} and _may_open(match):
                opened.append((mark, len(drawn)))
            drawn.append(mark)
    drawn.append(escape(unescape(line[at:])))
    return "".join(drawn)


def _token(match: re.Match[str], names: Names) -> str:
    if match["ref"]:
        sigil, target, label = match.group(2), match.group(3), match.group(4)
        return _reference(sigil, target, label, names)
    if match["code"]:
        return f"<code>{escape(readable(match['code'], names, {}))}</code>"
    found = character(match["emoji"], match["tone"]) if stands_apart(match) else ""
    return found or escape(match[0])


def _reference(sigil: str, target: str, label: str | None, names: Names) -> str:
    if sigil == "!":
        kind, *parts = target.split("^")
        if kind == "date" and parts:
            return moment(parts[0], unescape(label or ""))
        return mention(unescape(special(target, label, names)))
    if sigil:
        return mention(sigil + (names.get(target) or unescape(label or target)))
    return link(unescape(target), escape(unescape(label or "")))


def _may_open(match: re.Match[str]) -> bool:
    before, after = _around(match)
    return not before.isalnum() and bool(after) and not after.isspace() and after != match["mark"]


def _may_close(match: re.Match[str]) -> bool:
    before, after = _around(match)
    return bool(before) and not before.isspace() and before != match["mark"] and not after.isalnum()


def _around(match: re.Match[str]) -> tuple[str, str]:
    """The characters before and after; empty at the line's ends."""
    start, end = match.span()
    return match.string[start - 1 : start] if start else "", match.string[end : end + 1]
