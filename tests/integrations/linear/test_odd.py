"""What Linear does in its own way."""

from __future__ import annotations

import time

import pytest

from accounts.models import Workspace
from integrations.linear import words
from integrations.linear.adapter import LinearAdapter
from integrations.linear.tool import LINEAR
from integrations.models import Installation
from integrations.tools.errors import Refused, ToolError, Unauthorised
from tests.integrations.linear.double import AGENT, KEY, STATES, Linear
from tests.integrations.linear.test_contract import signed
from tests.integrations.tools.contract import new_comment, new_ticket


@pytest.fixture
def adapter(linear: Installation) -> LinearAdapter:
    return LinearAdapter(linear)


@pytest.mark.parametrize("seconds", [-400, 400])
def test_a_webhook_of_another_time_is_refused(adapter: LinearAdapter, seconds: int) -> None:
    with pytest.raises(Refused):
        adapter.verify(*signed("1", time.time() + seconds))


def test_a_wrong_key_or_team_is_said_when_connecting(workspace: Workspace, server: Linear) -> None:
    entered = {"address": server.url, "api_key": "other", "team": "SUP"}
    with pytest.raises(Unauthorised):
        LINEAR.connect(entered, workspace)
    with pytest.raises(ToolError, match="SUP"):
        LINEAR.connect({**entered, "api_key": KEY, "team": "ENG"}, workspace)


def test_the_issue_links_back(adapter: LinearAdapter, server: Linear) -> None:
    told = new_ticket()
    made = adapter.create(told)
    assert [(one["issueId"], one["url"]) for one in server.links] == [(made.external_id, told.url)]


def test_a_duplicate_says_of_which(adapter: LinearAdapter, server: Linear) -> None:
    gone, kept = (adapter.create(new_ticket()).external_id for _ in range(2))
    relation = {"type": "duplicate", "relatedIssue": {"id": kept}}
    server.change(gone, relations={"nodes": [relation]}, state=STATES[-1])
    assert adapter.get(gone).merged_into == kept
    assert adapter.get(kept).merged_into == ""


def test_whoever_copies_our_words_is_not_us(adapter: LinearAdapter, server: Linear) -> None:
    pk = adapter.create(new_ticket()).external_id
    adapter.add(pk, new_comment("Ours"))
    copied = server.say(pk, server.comments[0]["body"], AGENT)
    assert next(one for one in adapter.comments(pk) if one.external_id == copied).key == ""


def test_the_same_comment_is_refused_the_second_time(adapter: LinearAdapter) -> None:
    pk = adapter.create(new_ticket()).external_id
    told = new_comment()
    adapter.add(pk, told)
    with pytest.raises(ToolError):
        adapter.add(pk, told)
    assert len(adapter.comments(pk)) == 1


def test_what_integrations_say_of_themselves_is_left_out(adapter: LinearAdapter, server: Linear) -> None:
    pk = adapter.create(new_ticket()).external_id
    server.say(pk, "This thread is synced", {})
    assert adapter.comments(pk) == []


def test_an_issue_in_another_team_keeps_its_meaning(adapter: LinearAdapter, server: Linear) -> None:
    pk = adapter.create(new_ticket()).external_id
    server.change(pk, team={"id": "other"}, state={"id": "theirs", "type": "completed"})
    closed = next(one["id"] for one in STATES if one["type"] == "completed")
    assert adapter.get(pk).status == closed
    with pytest.raises(ToolError, match="another team"):
        adapter.set_status(pk, str(closed))


@pytest.mark.parametrize(
    "text", ["*a* _b_ `c` [d](e) <f> ~g~ \\h", "# no heading\n- no list\n1. no\n> no", "https://a.example/x_y_z*"]
)
def test_text_stands_as_it_was_written(text: str) -> None:
    assert words.unescaped(words.escaped(text)) == text


def test_code_is_left_as_it_is() -> None:
    assert words.unescaped("`\\.` and \\. and ```\n\\*\n```") == "`\\.` and . and ```\n\\*\n```"
