"""A reply as Slack takes it: what was typed stays text, so that it can ping nobody; web addresses become links.

Slack's marks (*bold*, _italic_, `code`, > quotes) work as typed. https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re

from integrations.slack.content import write
from integrations.slack.text import escaped, reference

_CODE = re.compile(r"```.+?```|`[^`\n]+`", re.DOTALL)
_ADDRESS = re.compile(r"https?://[^\s<>\"“”|]+", re.IGNORECASE)
_AFTER = ".,:;!?'’*_~"
"""What may follow an address without being of it."""


def mrkdwn(text: str) -> str:
    """Addresses are linked here rather than by Slack: whether it does depends on how it was told to parse."""
    parts: list[str] = []
    at = 0
    for match in _CODE.finditer(text):
        parts += [_linked(text[at : match.start()]), escaped(match[0])]
        at = match.end()
    return "".join([*parts, _linked(text[at:])])


def shown(text: str) -> tuple[str, str]:
    """The same as people will read it: plain, and as HTML that is safe to show."""
    return write(mrkdwn(text), [], {})


def _linked(text: str) -> str:
    parts: list[str] = []
    at = 0
    for match in _ADDRESS.finditer(text):
        address = match[0].rstrip(_AFTER)
        if address.endswith(")") and "(" not in address:
            address = address.rstrip(")" + _AFTER)
        parts += [escaped(text[at : match.start()]), reference(address)]
        at = match.start() + len(address)
    return "".join([*parts, escaped(text[at:])])
