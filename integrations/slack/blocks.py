"""What a message's blocks say, as text in Slack's own markup.

https://docs.slack.dev/reference/block-kit/blocks
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from integrations.slack import rich_text
from integrations.slack.markup import Names, Part, joined, parts_of
from integrations.slack.text import escaped, reference

Block: TypeAlias = Mapping[str, Any]


def mrkdwn(found: object) -> str:
    """Of a message's `blocks`, whatever Slack sends there: one paragraph for each block that says something."""
    return "\n".join(text for block in listed(found) if (text := mrkdwn_of(block)))


def html(found: object, names: Names) -> str:
    """Of a message's `blocks`, not yet made safe; empty where they say nothing."""
    return joined(part for block in listed(found) for part in _parts(block, names))


def emoji(found: object) -> dict[str, str] | None:
    """The emoji of what somebody typed, by shortcode. None where Slack doesn't say which those are."""
    typed = [block for block in listed(found) if block.get("type") == "rich_text"]
    return {code: shown for block in typed for code, shown in rich_text.emoji(block).items()} if typed else None


def named(found: object) -> set[str]:
    """The ids of the people, channels and user groups that the blocks name."""
    return {i for block in listed(found) if block.get("type") == "rich_text" for i in rich_text.named(block)}


def mrkdwn_of(block: Block) -> str:
    if block.get("type") == "rich_text":
        return rich_text.mrkdwn(block)
    return "\n".join(text for text in TEXTS.get(str(block.get("type")), _nothing)(block) if text)


def _parts(block: Block, names: Names) -> list[Part]:
    if block.get("type") == "rich_text":
        return rich_text.parts_of(block, names)
    text = mrkdwn_of(block)
    return parts_of(text, names) if text else []


def listed(found: object) -> list[Block]:
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _text(found: object) -> str:
    """Of a text object; plain text is escaped as Slack escapes mrkdwn."""
    if not isinstance(found, dict) or not isinstance(found.get("text"), str):
        return ""
    text: str = found["text"]
    return text if found.get("type") == "mrkdwn" else escaped(text)


def _section(block: Block) -> Iterator[str]:
    yield _text(block.get("text"))
    for field in listed(block.get("fields")):
        yield _text(field)


def _header(block: Block) -> Iterator[str]:
    text = _text(block.get("text")).strip()
    yield f"*{text}*" if text else ""


def _context(block: Block) -> Iterator[str]:
    """Pictures among them are only decoration."""
    yield " ".join(text for element in listed(block.get("elements")) if (text := _text(element)))


def _picture(block: Block) -> Iterator[str]:
    label = _text(block.get("title")) or escaped(str(block.get("alt_text") or ""))
    address = block.get("title_url") or block.get("image_url")
    yield reference(address, label) if isinstance(address, str) and address else label


def _table(block: Block) -> Iterator[str]:
    rows = block.get("rows")
    for row in rows if isinstance(rows, list) else []:
        yield " | ".join(mrkdwn_of(cell) if cell.get("type") == "rich_text" else _text(cell) for cell in listed(row))


def _input(block: Block) -> Iterator[str]:
    yield _text(block.get("label"))


def _markdown(block: Block) -> Iterator[str]:
    yield _text({"text": block.get("text")})


def _nothing(block: Block) -> Iterator[str]:  # noqa: ARG001 - as the others: buttons and lines say nothing
    yield ""


TEXTS: dict[str, Callable[[Block], Iterator[str]]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "image": _picture,
    "video": _picture,
    "table": _table,
    "input": _input,
    "markdown": _markdown,
}
