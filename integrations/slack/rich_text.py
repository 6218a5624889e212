"""Rich text blocks, which Slack adds to what people type, as HTML and as Slack's own markup.

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any, TypeAlias

from integrations.slack.emoji import character, from_code_points
from integrations.slack.markup import Names, Part, link, mention, moment, preformatted
from integrations.slack.text import escaped, readable, reference

Element: TypeAlias = Mapping[str, Any]

STYLES = {"code": "code", "strike": "s", "italic": "em", "bold": "strong"}
"""From the inside out."""
DEEPEST = 8
"""Levels of a list; Slack allows fewer."""


def parts_of(block: Element, names: Names) -> list[Part]:
    """As HTML, escaped, but not yet made safe."""
    drawn: list[Part] = []
    lists: list[Element] = []
    for part in _elements(block):
        if part.get("type") == "rich_text_list":
            lists.append(part)
            continue
        if lists:
            drawn.append((True, _lists(lists, names)))
            lists = []
        drawn.append(_part(part, names))
    if lists:
        drawn.append((True, _lists(lists, names)))
    return drawn


def mrkdwn(block: Element) -> str:
    """The same as Slack would write it in a message's `text`."""
    return "\n".join(line for part in _elements(block) for line in _lines(part))


def emoji(block: Element) -> dict[str, str]:
    """The emoji of the block: their characters by shortcode, as Slack names both."""
    found = {_markup(one): _emoji(one) for one in _all(block) if one.get("type") == "emoji"}
    return {shortcode: shown for shortcode, shown in found.items() if not shown.startswith(":")}


def named(block: Element) -> Iterator[str]:
    """The ids of the people, channels and user groups that it names."""
    for element in _all(block):
        for key in ("user_id", "channel_id", "usergroup_id"):
            if isinstance(element.get(key), str):
                yield element[key]


# As HTML ──────────────────────────────────────────────────────────────────────────────────────────────


def _part(part: Element, names: Names) -> Part:
    kind = part.get("type")
    if kind == "rich_text_preformatted":
        return True, preformatted("".join(_plain(element, names) for element in _elements(part)).strip("\n"))
    inside = _inside(part, names)
    return (True, f"<blockquote>{inside}</blockquote>") if kind == "rich_text_quote" else (False, inside)


def _inside(part: Element, names: Names) -> str:
    return "".join(_inline(element, names) for element in _elements(part))


def _lists(parts: Sequence[Element], names: Names) -> str:
    """Slack tells the levels of a nested list one after the other, each with its depth."""
    drawn: list[str] = []
    open_lists: list[tuple[int, str]] = []
    for part in parts:
        depth, tag = _depth(part), "ol" if part.get("style") == "ordered" else "ul"
        while open_lists and (open_lists[-1][0] > depth or (open_lists[-1][0] == depth and open_lists[-1][1] != tag)):
            drawn.append(f"</li></{open_lists.pop()[1]}>")
        goes_on = bool(open_lists) and open_lists[-1][0] == depth
        if not goes_on:
            open_lists.append((depth, tag))
            offset = part.get("offset")
            begins = f' start="{offset + 1}"' if tag == "ol" and isinstance(offset, int) and 0 < offset < 10_000 else ""
            drawn.append(f"<{tag}{begins}>")
        for item in _elements(part):
            drawn.append(("</li>" if goes_on else "") + f"<li>{_inside(item, names)}")
            goes_on = True
        if not goes_on:  # a list without items
            drawn.append("<li>")
    drawn += [f"</li></{tag}>" for _, tag in reversed(open_lists)]
    return "".join(drawn)


def _depth(part: Element) -> int:
    indent = part.get("indent")
    return min(max(indent, 0), DEEPEST) if isinstance(indent, int) else 0


def _inline(element: Element, names: Names) -> str:
    style = element.get("style")
    drawn = _bare(element, names)
    for name, tag in STYLES.items():
        if isinstance(style, dict) and style.get(name) is True and drawn.strip():
            drawn = f"<{tag}>{drawn}</{tag}>"
    return drawn


def _bare(element: Element, names: Names) -> str:
    match element:
        case {"type": "link", "url": str(address)}:
            return link(address, escape(_string(element, "text")))
        case {"type": "date", "timestamp": int(seconds)}:
            return moment(seconds, _string(element, "fallback"))
        case {"type": "user" | "channel" | "usergroup" | "broadcast"}:
            return mention(_plain(element, names))
    return escape(_plain(element, names))


def _plain(element: Element, names: Names) -> str:
    """As text. What Slack will invent yet says at least its text or fallback."""
    match element:
        case {"type": "emoji"}:
            return _emoji(element)
        case {"type": "color", "value": str(value)}:
            return value
        case {"type": "link", "url": str(address)}:
            return _string(element, "text") or address
    markup = _markup(element)
    return readable(markup, names, {}) if markup else _string(element, "text") or _string(element, "fallback")


# As Slack's own markup ────────────────────────────────────────────────────────────────────────────────


def _lines(part: Element) -> Iterator[str]:
    kind = part.get("type")
    if kind == "rich_text_list":
        marks = _marks(part)
        for item in _elements(part):
            yield "    " * _depth(part) + next(marks) + _written(item)
    elif kind == "rich_text_preformatted":
        yield f"```{_written(part)}```"
    elif kind == "rich_text_quote":
        yield from (f"&gt; {line}" for line in _written(part).split("\n"))
    else:
        yield _written(part).removesuffix("\n")


def _marks(part: Element) -> Iterator[str]:
    offset = part.get("offset")
    number = offset if isinstance(offset, int) else 0
    while True:
        number += 1
        yield f"{number}. " if part.get("style") == "ordered" else "• "


def _written(part: Element) -> str:
    return "".join(
        _markup(element) or escaped(_string(element, "text") or _string(element, "fallback"))
        for element in _elements(part)
    )


def _markup(element: Element) -> str:
    """What stands for it in mrkdwn; nothing for plain text. Styles are left out."""
    match element:
        case {"type": "user", "user_id": str(i)}:
            return f"<@{i}>"
        case {"type": "channel", "channel_id": str(i)}:
            return f"<#{i}>"
        case {"type": "usergroup", "usergroup_id": str(i)}:
            return f"<!subteam^{i}>"
        case {"type": "broadcast", "range": str(to)}:
            return f"<!{to}>"
        case {"type": "link", "url": str(address)}:
            return reference(address, escaped(_string(element, "text")))
        case {"type": "emoji"}:
            name, tone = _emoji_name(element)
            return f":{name}:" + (f":skin-tone-{tone}:" if tone else "")
        case {"type": "color", "value": str(value)}:
            return escaped(value)
        case {"type": "date"}:
            return escaped(_string(element, "fallback") or str(element.get("timestamp") or ""))
    return ""


# Their parts ──────────────────────────────────────────────────────────────────────────────────────────


def _emoji(element: Element) -> str:
    """The character, which Slack names itself, except for a workspace's own emoji."""
    name, tone = _emoji_name(element)
    unified = element.get("unicode")
    drawn = from_code_points(unified) if isinstance(unified, str) else character(name, tone)
    return drawn or f":{name}:"


def _emoji_name(element: Element) -> tuple[str, str | None]:
    name, _, tone = _string(element, "name").partition("::skin-tone-")
    given = element.get("skin_tone")
    return name, tone or (str(given) if isinstance(given, int) and 2 <= given <= 6 else None)


def _elements(part: Element) -> list[Element]:
    elements = part.get("elements")
    return [one for one in elements if isinstance(one, dict)] if isinstance(elements, list) else []


def _all(block: Element) -> Iterator[Element]:
    """What is said in it: of its parts, or of a list's items."""
    for part in _elements(block):
        for inner in _elements(part):
            yield inner
            yield from _elements(inner)


def _string(element: Element, key: str) -> str:
    value = element.get(key)
    return value if isinstance(value, str) else ""
