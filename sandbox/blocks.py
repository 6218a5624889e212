"""Block Kit's documented limits, refused as Slack refuses them.

Sources: https://docs.slack.dev/reference/block-kit/blocks and the models of the official Python SDK. That a
message's block text may not exceed about 13,200 characters in total is undocumented but observed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from sandbox.errors import SlackError
from sandbox.store import Json

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
TOTAL_TEXT = 13_200
MARKDOWN_TEXT = 12_000
ID_LENGTH = 255
COMMON_TYPES = frozenset({"section", "header", "divider", "context", "actions", "image", "rich_text", "video"})
MESSAGE_TYPES = COMMON_TYPES | {"markdown", "file", "table", "context_actions"}
VIEW_TYPES = COMMON_TYPES | {"input"}
BUTTON_STYLES = (None, "primary", "danger")
SELECT_SOURCES = ("static", "external", "users", "conversations", "channels")
SELECTS = frozenset(f"{many}{source}_select" for many in ("", "multi_") for source in SELECT_SOURCES)
CHOICES = frozenset({"checkboxes", "radio_buttons", "overflow"})
PICKERS = frozenset({"datepicker", "timepicker", "datetimepicker"})
TEXT_INPUTS = frozenset(
    {"plain_text_input", "rich_text_input", "email_text_input", "url_text_input", "number_input", "file_input"}
)
ACTION_ELEMENTS = SELECTS | CHOICES | PICKERS | {"button", "workflow_button"}
INPUT_ELEMENTS = SELECTS | CHOICES | PICKERS | TEXT_INPUTS
WITH_OPTIONS = CHOICES | {"static_select", "multi_static_select"}
OPTION_LIMITS = {"overflow": 5, "checkboxes": 10, "radio_buttons": 10}

Fault = tuple[str, str]
"""What is wrong, and the JSON pointer to it."""


def parse_blocks(value: Any) -> list[Json]:
    """Blocks as an array or as a JSON string of one."""
    try:
        blocks = json.loads(value) if isinstance(value, str) else value
    except ValueError as error:
        raise SlackError("invalid_blocks_format") from error
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise SlackError("invalid_blocks_format")
    return blocks


def check_message_blocks(blocks: list[Json]) -> list[Json]:
    """Refuse what a message may not hold; return the blocks with ids given to those that have none."""
    _refuse(_faults(blocks, MESSAGE_BLOCKS, MESSAGE_TYPES))
    if sum(len(text) for text in _texts(blocks)) > TOTAL_TEXT:
        raise SlackError("msg_blocks_too_long")
    return with_ids(blocks)


def check_view(view: Json) -> None:
    """Refuse what a modal or Home view may not hold."""
    faults = list(_view_faults(view))
    if faults:
        messages = [f"[ERROR] {message} [json-pointer:/view{where}]" for message, where in faults]
        raise SlackError("invalid_arguments", response_metadata={"messages": messages})


def with_ids(blocks: list[Json]) -> list[Json]:
    """Blocks and elements with the ids Slack gives to those that came without."""
    named: list[Json] = []
    for number, block in enumerate(blocks):
        named.append({**block, "block_id": block.get("block_id") or f"blk{number}"})
        for key in ("accessory", "element"):
            if isinstance(block.get(key), dict) and "type" in block[key]:
                named[-1][key] = _with_action_id(block[key], f"{number}")
        if block.get("type") == "actions":
            named[-1]["elements"] = [
                _with_action_id(element, f"{number}.{place}") for place, element in enumerate(block["elements"])
            ]
    return named


def _refuse(faults: Iterator[Fault]) -> None:
    errors = [f"{message} [json-pointer:/blocks{where}]" for message, where in faults]
    if errors:
        messages = [f"[ERROR] {error}" for error in errors]
        raise SlackError("invalid_blocks", errors=errors, response_metadata={"messages": messages})


def _faults(blocks: list[Json], limit: int, types: frozenset[str]) -> Iterator[Fault]:
    if len(blocks) > limit:
        yield f"no more than {limit} items allowed", ""
    yield from _repeated(blocks, "block_id", "")
    for number, block in enumerate(blocks):
        kind, where = block.get("type"), f"/{number}"
        if not isinstance(kind, str) or kind not in types:
            yield f"unsupported type: {kind}", f"{where}/type"
        else:
            yield from _string(block.get("block_id"), ID_LENGTH, f"{where}/block_id")
            yield from CHECKS.get(kind, _nothing)(block, where)


def _view_faults(view: Json) -> Iterator[Fault]:
    blocks = view.get("blocks")
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        yield "must provide a list of objects", "/blocks"
        return
    for message, where in _faults(blocks, VIEW_BLOCKS, VIEW_TYPES):
        yield message, f"/blocks{where}"
    if view.get("type") not in ("modal", "home"):
        yield "must be modal or home", "/type"
    if view.get("type") == "modal":
        yield from _text(view.get("title"), 24, "/title", plain=True)
        for part in ("submit", "close"):
            if view.get(part):
                yield from _text(view[part], 24, f"/{part}", plain=True)
        if not view.get("submit") and any(block.get("type") == "input" for block in blocks):
            yield "submit is required when an input is in blocks", "/submit"
    yield from _string(view.get("private_metadata"), 3000, "/private_metadata")
    yield from _string(view.get("callback_id"), ID_LENGTH, "/callback_id")


def _nothing(_block: Json, _where: str) -> Iterator[Fault]:
    yield from ()


def _section(block: Json, where: str) -> Iterator[Fault]:
    if "text" not in block and "fields" not in block:
        yield "must define either text or fields", where
    if "text" in block:
        yield from _text(block["text"], 3000, f"{where}/text")
    if "fields" in block:
        yield from _each(block["fields"], 10, f"{where}/fields", lambda field, here: _text(field, 2000, here))
    if "accessory" in block:
        yield from _element(block["accessory"], f"{where}/accessory", ACTION_ELEMENTS | {"image"})


def _header(block: Json, where: str) -> Iterator[Fault]:
    yield from _text(block.get("text"), 150, f"{where}/text", plain=True)


def _context(block: Json, where: str) -> Iterator[Fault]:
    def check(element: Any, here: str) -> Iterator[Fault]:
        is_image = isinstance(element, dict) and element.get("type") == "image"
        return _image(element, here) if is_image else _text(element, 3000, here)

    yield from _each(block.get("elements"), 10, f"{where}/elements", check)


def _actions(block: Json, where: str) -> Iterator[Fault]:
    elements = block.get("elements")
    yield from _each(elements, 25, f"{where}/elements", lambda one, here: _element(one, here, ACTION_ELEMENTS))
    yield from _repeated(elements, "action_id", f"{where}/elements")


def _input(block: Json, where: str) -> Iterator[Fault]:
    yield from _text(block.get("label"), 2000, f"{where}/label", plain=True)
    yield from _element(block.get("element"), f"{where}/element", INPUT_ELEMENTS)


def _image(block: Json, where: str) -> Iterator[Fault]:
    if not (block.get("image_url") or block.get("slack_file")):
        yield "missing required field: image_url", where
    if not block.get("alt_text"):
        yield "missing required field: alt_text", where
    yield from _string(block.get("image_url"), 3000, f"{where}/image_url")
    yield from _string(block.get("alt_text"), 2000, f"{where}/alt_text")


def _markdown(block: Json, where: str) -> Iterator[Fault]:
    if not block.get("text"):
        yield "missing required field: text", where
    yield from _string(block.get("text"), MARKDOWN_TEXT, f"{where}/text")


CHECKS: dict[str, Callable[[Json, str], Iterator[Fault]]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "input": _input,
    "image": _image,
    "markdown": _markdown,
}


def _element(element: Any, where: str, allowed: frozenset[str]) -> Iterator[Fault]:
    kind = element.get("type") if isinstance(element, dict) else None
    if not isinstance(kind, str) or kind not in allowed:
        yield f"unsupported type: {kind}", f"{where}/type"
        return
    yield from _string(element.get("action_id"), ID_LENGTH, f"{where}/action_id")
    if kind == "image":
        yield from _image(element, where)
    if kind == "button":
        yield from _text(element.get("text"), 75, f"{where}/text", plain=True)
        yield from _string(element.get("value"), 2000, f"{where}/value")
        yield from _string(element.get("url"), 3000, f"{where}/url")
        if element.get("style") not in BUTTON_STYLES:
            yield "must be primary or danger", f"{where}/style"
    if "placeholder" in element:
        yield from _text(element["placeholder"], 150, f"{where}/placeholder", plain=True)
    if kind in WITH_OPTIONS:
        yield from _choice(element, where)
    if "confirm" in element:
        yield from _confirm(element["confirm"], f"{where}/confirm")


def _choice(element: Json, where: str) -> Iterator[Fault]:
    limit = OPTION_LIMITS.get(element["type"], 100)

    def group(one: Any, here: str) -> Iterator[Fault]:
        if not isinstance(one, dict):
            yield "must provide an object", here
            return
        yield from _text(one.get("label"), 75, f"{here}/label", plain=True)
        yield from _each(one.get("options"), 100, f"{here}/options", _option)

    if "option_groups" in element and "options" not in element:
        yield from _each(element["option_groups"], 100, f"{where}/option_groups", group)
        return
    options = element.get("options")
    yield from _each(options, limit, f"{where}/options", _option)
    initial = element.get("initial_option")
    if initial is not None and isinstance(options, list) and initial not in options:
        yield "must exactly match one of the options", f"{where}/initial_option"


def _option(option: Any, where: str) -> Iterator[Fault]:
    if not isinstance(option, dict):
        yield "must provide an object", where
        return
    yield from _text(option.get("text"), 75, f"{where}/text")
    yield from _string(option.get("value"), 150, f"{where}/value")
    if "description" in option:
        yield from _text(option["description"], 75, f"{where}/description")


def _confirm(confirm: Any, where: str) -> Iterator[Fault]:
    if not isinstance(confirm, dict):
        yield "must provide an object", where
        return
    yield from _text(confirm.get("title"), 100, f"{where}/title", plain=True)
    yield from _text(confirm.get("text"), 300, f"{where}/text")


def _text(text: Any, limit: int, where: str, *, plain: bool = False) -> Iterator[Fault]:
    if not isinstance(text, dict):
        yield "must provide an object", where
        return
    if text.get("type") not in (("plain_text",) if plain else ("plain_text", "mrkdwn")):
        yield f"unsupported type: {text.get('type')}", f"{where}/type"
    if not text.get("text"):
        yield "must be more than 0 characters", f"{where}/text"
    yield from _string(text.get("text"), limit, f"{where}/text")


def _string(value: Any, limit: int, where: str) -> Iterator[Fault]:
    if value is not None and not isinstance(value, str):
        yield "must provide a string", where
    elif value and len(value) > limit:
        yield f"must be less than {limit + 1} characters", where


def _each(items: Any, most: int, where: str, check: Callable[[Any, str], Iterator[Fault]]) -> Iterator[Fault]:
    if not isinstance(items, list) or not 1 <= len(items) <= most:
        yield f"must have between 1 and {most} items", where
        return
    for place, item in enumerate(items):
        yield from check(item, f"{where}/{place}")


def _repeated(items: Any, key: str, where: str) -> Iterator[Fault]:
    """An id that two of the items share."""
    seen: list[Any] = []
    for place, item in enumerate(items if isinstance(items, list) else []):
        value = item.get(key) if isinstance(item, dict) else None
        if value is not None and value in seen:
            yield f"{key} already exists: {value}", f"{where}/{place}/{key}"
        seen.append(value)


def _texts(value: Any) -> Iterator[str]:
    """Every piece of text in blocks, however deep."""
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        for item in value.values():
            yield from _texts(item)


def _with_action_id(element: Json, fallback: str) -> Json:
    return element if "action_id" in element or element["type"] == "image" else {**element, "action_id": fallback}
