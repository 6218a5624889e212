"""Block Kit's documented limits."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.blocks import check_message_blocks, check_view
from sandbox.errors import SlackError
from tests.sandbox.listener import Json


def plain(length: int) -> Json:
    return {"type": "plain_text", "text": "x" * length}


def section(length: int) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": "x" * length}}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def button(number: int = 0, **more: Any) -> Json:
    return {"type": "button", "text": plain(3), "action_id": f"b{number}", **more}


def option(number: int, length: int = 3) -> Json:
    return {"text": plain(length), "value": str(number)}


def select(count: int, **more: Any) -> Json:
    return {"type": "static_select", "action_id": "s", "options": [option(n) for n in range(count)], **more}


def modal(**more: Any) -> Json:
    return {"type": "modal", "title": plain(5), "blocks": []} | more


LIMITS = [
    ("50 blocks", [{"type": "divider"}] * 50, [{"type": "divider"}] * 51),
    ("3000 characters in a section", [section(3000)], [section(3001)]),
    ("some text in a section", [section(1)], [section(0)]),
    (
        "10 fields",
        [{"type": "section", "fields": [plain(1)] * 10}],
        [{"type": "section", "fields": [plain(1)] * 11}],
    ),
    (
        "150 characters in a header",
        [{"type": "header", "text": plain(150)}],
        [{"type": "header", "text": plain(151)}],
    ),
    (
        "10 context elements",
        [{"type": "context", "elements": [plain(1)] * 10}],
        [{"type": "context", "elements": [plain(1)] * 11}],
    ),
    ("25 actions", [actions(*map(button, range(25)))], [actions(*map(button, range(26)))]),
    ("75 characters on a button", [actions(button(text=plain(75)))], [actions(button(text=plain(76)))]),
    ("2000 characters in a value", [actions(button(value="x" * 2000))], [actions(button(value="x" * 2001))]),
    (
        "255 characters in an action_id",
        [actions(button(action_id="x" * 255))],
        [actions(button(action_id="x" * 256))],
    ),
    (
        "255 characters in a block_id",
        [section(1) | {"block_id": "x" * 255}],
        [section(1) | {"block_id": "x" * 256}],
    ),
    ("100 options", [actions(select(100))], [actions(select(101))]),
    (
        "75 characters on an option",
        [actions({**select(1), "options": [option(1, 75)]})],
        [actions({**select(1), "options": [option(1, 76)]})],
    ),
    (
        "5 overflow options",
        [actions({**select(5), "type": "overflow"})],
        [actions({**select(6), "type": "overflow"})],
    ),
    (
        "12000 characters of markdown",
        [{"type": "markdown", "text": "x" * 12_000}],
        [{"type": "markdown", "text": "x" * 12_001}],
    ),
    ("a known style", [actions(button(style="danger"))], [actions(button(style="loud"))]),
    (
        "one initial option of those there",
        [actions(select(2, initial_option=option(1)))],
        [actions(select(2, initial_option=option(9)))],
    ),
    ("different action ids", [actions(button(1), button(2))], [actions(button(1), button(1))]),
    ("different block ids", [section(1) | {"block_id": name} for name in "ab"], [section(1) | {"block_id": "a"}] * 2),
    ("known types", [section(1)], [{"type": "marquee"}]),
    (
        "no inputs in messages",
        [section(1)],
        [{"type": "input", "label": plain(1), "element": {"type": "plain_text_input"}}],
    ),
]


@pytest.mark.parametrize(("fine", "too_much"), [limit[1:] for limit in LIMITS], ids=[limit[0] for limit in LIMITS])
def test_limits_of_messages(fine: list[Json], too_much: list[Json]) -> None:
    check_message_blocks(fine)
    with pytest.raises(SlackError, match="invalid_blocks") as caught:
        check_message_blocks(too_much)
    assert caught.value.details["errors"][0].endswith("]")
    assert caught.value.details["response_metadata"]["messages"][0].startswith("[ERROR] ")


def test_all_text_together() -> None:
    check_message_blocks([section(3000)] * 4 + [section(1200)])
    with pytest.raises(SlackError, match="msg_blocks_too_long"):
        check_message_blocks([section(3000)] * 4 + [section(1201)])


@pytest.mark.parametrize(
    "view",
    [
        modal(title=plain(25)),
        modal(private_metadata="x" * 3001),
        modal(blocks=[{"type": "divider"}] * 101),
        modal(blocks=[{"type": "input", "label": plain(1), "element": {"type": "plain_text_input"}}]),
        modal(type="window"),
    ],
)
def test_limits_of_views(view: Json) -> None:
    check_view(modal(title=plain(24), private_metadata="x" * 3000, blocks=[{"type": "divider"}] * 100))
    with pytest.raises(SlackError, match="invalid_arguments"):
        check_view(view)


def test_ids_are_given_where_they_are_missing() -> None:
    block, other = check_message_blocks([actions({"type": "button", "text": plain(1)}), section(1)])
    assert block["block_id"] != other["block_id"]
    assert block["elements"][0]["action_id"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
block_like = st.fixed_dictionaries(
    {"type": st.sampled_from(["section", "header", "context", "actions", "input", "image", "markdown"])},
    optional=dict.fromkeys(("text", "fields", "elements", "accessory", "element", "label", "block_id"), json_values),
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(block_like, max_size=3))
def test_nonsense_is_refused_and_never_breaks_the_check(blocks: list[Json]) -> None:
    with suppress(SlackError):
        check_message_blocks(blocks)
