"""What a teammate who added Pylon to a channel sees: what we took the channel for, and the dialog that changes it.

https://docs.slack.dev/reference/views/modal-views
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from accounts.models import Account, Channel, ChannelKind
from conversations.excerpts import one_line
from integrations.slack.triage_post import escape

TITLE, OPTION, OPTIONS, NAME = 24, 75, 100, 120
"""Slack's limits: characters of a title and of an option, options of a menu; and ours of an account's name."""
KINDS = {
    ChannelKind.CUSTOMER: "a customer’s channel",
    ChannelKind.TRIAGE: "a triage channel: conversations are worked here",
    ChannelKind.INTERNAL: "an internal channel: nothing is captured here",
    ChannelKind.IGNORED: "a channel to ignore: nothing is captured here",
}


def kinds_of(channel: Channel) -> list[ChannelKind]:
    """Those that it may have: another company reads a shared one."""
    ours = {ChannelKind.TRIAGE, ChannelKind.INTERNAL}
    return [kind for kind in ChannelKind if not (channel.is_shared and kind in ours)]


def draw_guess(channel: Channel, action_id: str, *, saved: bool = False) -> dict[str, Any]:
    """`text` and `blocks`."""
    opening = "Saved." if saved else f"Thanks for adding me to {escape(str(channel))}."
    text = f"{opening} {guess(channel)}"
    button = {
        "type": "button",
        "action_id": action_id,
        "value": str(channel.pk),
        "text": {"type": "plain_text", "text": "Change"},
    }
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "Only you can see this."}]},
        {"type": "actions", "elements": [button]},
    ]
    return {"text": text, "blocks": blocks}


def guess(channel: Channel) -> str:
    kind = ChannelKind(channel.kind)
    if kind != ChannelKind.CUSTOMER:
        return f"I take it for {KINDS[kind]}."
    account = f"of *{escape(channel.account.name)}*" if channel.account else "of a company that I don’t know yet"
    owner = f"*{escape(channel.owner.name)}* owns" if channel.owner else "Nobody owns"
    return f"I take it for a customer’s channel {account}. {owner} its conversations."


def draw_dialog(channel: Channel, accounts: Sequence[Account], callback_id: str) -> dict[str, Any]:
    """`accounts`: to choose from, at most OPTIONS."""
    kinds = [_option(str(kind), _sentence(KINDS[kind])) for kind in kinds_of(channel)]
    blocks = [_input("kind", "What is this channel?", _menu("kind", kinds, channel.kind))]
    if accounts:
        choices = [_option(str(account.pk), account.name) for account in accounts]
        chosen = str(channel.account_id or "")
        blocks.append(_input("account", "Account", _menu("account", choices, chosen), optional=True))
    name = {"type": "plain_text_input", "action_id": "name", "max_length": NAME}
    hint = "A new company, or one that is not in the list."
    blocks.append(_input("name", "Or another account", name, optional=True) | {"hint": _plain(hint)})
    return {
        "type": "modal",
        "callback_id": callback_id,
        "private_metadata": str(channel.pk),
        "title": _plain(one_line(str(channel), TITLE)),
        "submit": _plain("Save"),
        "close": _plain("Cancel"),
        "blocks": blocks,
    }


def _input(block_id: str, label: str, element: dict[str, Any], *, optional: bool = False) -> dict[str, Any]:
    return {"type": "input", "block_id": block_id, "label": _plain(label), "element": element, "optional": optional}


def _menu(action_id: str, options: list[dict[str, Any]], chosen: str) -> dict[str, Any]:
    menu: dict[str, Any] = {"type": "static_select", "action_id": action_id, "options": options}
    initial = [option for option in options if option["value"] == chosen]
    return menu | ({"initial_option": initial[0]} if initial else {})


def _option(value: str, text: str) -> dict[str, Any]:
    return {"value": value, "text": _plain(one_line(text, OPTION))}


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}
