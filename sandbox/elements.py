"""Interactive elements: finding one in blocks, and what choosing a value in it looks like."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.errors import invalid_arguments
from sandbox.store import Json

CHOSEN_FIELD = {
    "static_select": "selected_option",
    "external_select": "selected_option",
    "overflow": "selected_option",
    "radio_buttons": "selected_option",
    "checkboxes": "selected_options",
    "multi_static_select": "selected_options",
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "multi_users_select": "selected_users",
    "multi_conversations_select": "selected_conversations",
    "multi_channels_select": "selected_channels",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}
SENT_BACK = ("text", "value", "placeholder", "style", "url", "confirm")


def find_element(blocks: list[Json], action_id: str, block_id: str | None = None) -> tuple[Json, Json]:
    """The block and the element with an action id."""
    for block in blocks:
        if block_id is None or block.get("block_id") == block_id:
            for element in elements_of(block):
                if element.get("action_id") == action_id:
                    return block, element
    raise invalid_arguments(f"no element with action_id {action_id}")


def elements_of(block: Json) -> Iterator[Json]:
    for key in ("accessory", "element"):
        if isinstance(block.get(key), dict):
            yield block[key]
    if block.get("type") == "actions":
        yield from block["elements"]


def action(block: Json, element: Json, value: Any, action_ts: str) -> Json:
    """One item of a payload's ``actions``."""
    sent = {key: element[key] for key in SENT_BACK if key in element}
    identity = {"type": element["type"], "action_id": element["action_id"], "block_id": block["block_id"]}
    return identity | sent | chosen(element, value) | {"action_ts": action_ts}


def state_values(blocks: list[Json], values: Json) -> Json:
    """A view's ``state.values``; `values` maps action ids to what was entered."""
    state: Json = {}
    for block in blocks:
        for element in elements_of(block):
            action_id = element.get("action_id")
            if action_id and element["type"] != "button":
                entered = chosen(element, values.get(action_id, initial(element)))
                state.setdefault(block["block_id"], {})[action_id] = {"type": element["type"]} | entered
    return state


def chosen(element: Json, value: Any) -> Json:
    """The field that holds a value, as its element's type wants it; options are given by their value."""
    kind = element["type"]
    if kind == "button":
        return {}
    field = CHOSEN_FIELD.get(kind)
    if field is None:
        return {"value": value}
    if field == "selected_option":
        return {field: None if value is None else _option(element, value)}
    if field == "selected_options":
        return {field: [_option(element, one) for one in value or []]}
    return {field: value}


def initial(element: Json) -> Any:
    """What an element holds before anyone touches it."""
    if "initial_option" in element:
        return element["initial_option"]["value"]
    if "initial_options" in element:
        return [option["value"] for option in element["initial_options"]]
    return next((element[key] for key in element if key.startswith("initial_")), None)


def _option(element: Json, value: Any) -> Json:
    groups = element.get("option_groups", [])
    options = element.get("options") or [option for group in groups for option in group["options"]]
    for option in options:
        if option.get("value") == value:
            found: Json = option
            return found
    raise invalid_arguments(f"no option with value {value}")
