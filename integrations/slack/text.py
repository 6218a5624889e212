"""Slack's message text as a person reads it: names for ids, addresses for links, no escapes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from integrations.slack.emoji import with_characters

REFERENCE = re.compile(r"<([@#!]?)([^<>|]{1,2000})(?:\|([^<>]{0,2000}))?>")
ESCAPES = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
"""The three that Slack makes; "&copy;" is what somebody wrote."""
ESCAPED = re.compile("|".join(ESCAPES))
USER = re.compile(r"<@([UW][A-Z0-9]+)")
LABELLED = re.compile(r"<(?:[@#]|!subteam\^)([A-Z0-9]+)\|[@#]?([^<>]{1,2000})>")


def mentioned(text: str) -> set[str]:
    """The ids of the people whom the text names."""
    return set(USER.findall(text))


def labels(text: str) -> dict[str, str]:
    """How Slack itself names the people, channels and user groups of the text, by id, where it does."""
    return dict(LABELLED.findall(text)) if "|" in text else {}


def readable(text: str, names: Mapping[str, str], emoji: Mapping[str, str] | None = None) -> str:
    """`names` by the id of a person, channel or user group; who isn't in it is named as Slack labels them, else by
    the id. `emoji`: see `with_characters`."""

    def replace(match: re.Match[str]) -> str:
        sigil, target, label = match.group(1), match.group(2), match.group(3)
        if sigil in {"@", "#"} and sigil:
            return sigil + (names.get(target) or label or target)
        if sigil == "!":
            return special(target, label, names)
        address = target.removeprefix("mailto:").removeprefix("tel:")
        return address if not label or label in {address, target} else f"{label} ({address})"

    # Unescaped last, so that text which only looks like a reference stays text.
    return unescape(REFERENCE.sub(replace, with_characters(text, emoji)))


def special(target: str, label: str | None, names: Mapping[str, str]) -> str:
    """What `<!here>`, `<!subteam^S1|@support>` or `<!date^…|fallback>` stands for."""
    kind, *parts = target.split("^")
    if kind == "subteam" and parts and parts[0] in names:
        return "@" + names[parts[0]]
    return label or "@" + kind


def unescape(text: str) -> str:
    return ESCAPED.sub(lambda match: ESCAPES[match[0]], text) if "&" in text else text


def escaped(text: str) -> str:
    """Plain text as Slack writes it within its markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def reference(address: str, label: str = "") -> str:
    """A link in Slack's markup; what can't be within one is left out of it."""
    target = escaped(address).replace("|", "%7C")
    return f"<{target}|{label}>" if label and label != target else f"<{target}>"
