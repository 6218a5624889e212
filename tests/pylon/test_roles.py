"""Who may change what: every address, and every verb, tried as each role."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from knox.models import AuthToken

from accounts.invitations import invite
from accounts.models import Account, Channel, Contact, Role, User
from accounts.overrides import count_as
from accounts.roles import NotAllowed
from accounts.team import bring_back, change_role, remove
from conversations import corrections
from conversations.channel_changes import change_channel
from conversations.models import Priority
from conversations.replying import refusal
from conversations.services import change_account_owner
from integrations.models import Difference, HistoryReading, Installation
from integrations.slack.history import begin_reading
from integrations.slack.pasting import connect_by_token
from integrations.tools import comparing
from tests import cast

OWN = {
    "profile", "make-token", "revoke-token", "end-session", "end-other-sessions", "switch-workspace",
    "save-view", "delete-view", "read-all", "undo-read-all", "conversation-here",
}  # fmt: skip
"""What everybody may change: it is theirs alone. Whoever adds a name here says that a reader may do it."""
OF_SIGNING_IN = re.compile(r"^/(sign-in|sign-out|account|invitations)/")
OF_OTHERS = re.compile(r"^/(admin/|api/|slack/(events|interactivity|commands)$)")
"""The admin site has its own rights, the API is walked below, and Slack signs what it posts."""


@pytest.fixture
def reader(omar: User) -> User:
    omar.role = Role.READER
    omar.save()
    return omar


@pytest.fixture
def member(omar: User) -> User:
    return omar


def addresses(patterns: list[Any] | None = None, prefix: str = "/") -> Iterator[tuple[str, str]]:
    """Every address of the product with its name; ids are of nothing that is there."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + re.sub(r"<(?:(\w+):)?\w+>", lambda m: "987654" if m[1] == "int" else "x", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern) and "(" not in path:
            yield path, pattern.name or ""


def pages() -> list[tuple[str, str]]:
    return [(path, name) for path, name in addresses() if not OF_SIGNING_IN.match(path) and not OF_OTHERS.match(path)]


def test_the_walk_sees_the_addresses() -> None:
    names = {name for _, name in pages()}
    assert {"change-status", "send-reply", "change-workspace", "paste-slack-token", "team", "board"} <= names
    assert names >= OWN


def test_who_may_only_read_changes_nothing_but_their_own(client: Client, reader: User) -> None:
    client.force_login(reader)
    for path, name in pages():
        status = client.post(path).status_code
        assert (status == 403) == (name not in OWN), f"{name} at {path} answered {status}"


def test_a_member_changes_no_settings_but_their_own(client: Client, member: User) -> None:
    client.force_login(member)
    for path, name in pages():
        status = client.post(path).status_code
        if path.startswith("/settings/"):
            assert (status == 403) == (name not in OWN), f"{name} at {path} answered {status}"
    assert client.post("/conversations/987654/status/").status_code == 404


def test_an_admin_is_refused_nothing(client: Client, dana: User) -> None:
    client.force_login(dana)
    for path, name in pages():
        assert client.get(path).status_code != 403, f"{name} at {path}"


def test_everybody_reads_what_is_for_all(client: Client, reader: User, channel: Channel) -> None:
    conversation = cast.make_conversation(channel=channel)
    client.force_login(reader)
    for path in ("/board/", conversation.get_absolute_url(), "/accounts/", "/settings/", "/settings/team/"):
        assert client.get(path).status_code == 200, path


def test_the_api_is_read_only_for_who_may_only_read(client: Client, reader: User) -> None:
    _, token = AuthToken.objects.create(reader)
    asking: dict[str, Any] = {"headers": {"authorization": f"Bearer {token}"}, "content_type": "application/json"}
    tried = [path for path, _ in addresses() if path.startswith("/api/v1/")]
    assert len(tried) > 4
    for path in tried:
        for method in (client.post, client.patch, client.put, client.delete):
            answer = method(path, {}, **asking)
            assert (answer.status_code, "read-only" in answer.content.decode()) == (403, True), path
    assert client.get("/api/v1/conversations/", **asking).status_code == 200


def test_it_is_said_in_words(client: Client, reader: User) -> None:
    client.force_login(reader)
    assert "Your role here is read-only" in client.post("/conversations/1/status/").content.decode()
    reader.role = Role.MEMBER
    reader.save()
    assert "Only admins of this workspace may do this" in client.post("/settings/workspace/").content.decode()


def test_the_verbs_refuse_who_may_only_read(
    reader: User, dana: User, channel: Channel, account: Account, contact: Contact
) -> None:
    """Whatever leads to them: a page, the API, Slack, or something that is written tomorrow."""
    said = [cast.say(text, channel=channel, by=contact) for text in ("The export is empty", "And the import is slow")]
    one = said[0].conversation
    other = cast.make_conversation(channel=channel)
    correction = corrections.move_messages(messages=[said[1]], to=other, by=dana)
    one.refresh_from_db()
    verbs: list[Callable[[], object]] = [
        lambda: one.close(by=reader),
        lambda: one.assign(dana, by=reader),
        lambda: one.assign(None, by=reader),
        lambda: one.prioritise(Priority.URGENT, by=reader),
        lambda: one.tag(["vip"], by=reader),
        lambda: one.snooze(timezone.now() + timedelta(days=1), by=reader),
        lambda: one.add_note("A note", by=reader),
        lambda: corrections.move_messages(messages=[said[0]], to=other, by=reader),
        lambda: corrections.split_off(messages=[said[0]], by=reader),
        lambda: corrections.merge(source=one, target=other, by=reader),
        lambda: corrections.undo(correction=correction, by=reader),
        lambda: change_account_owner(account=account, owner=None, by=reader),
        lambda: change_channel(channel=channel, by=reader, changes={"owner": None}),
    ]
    for verb in verbs:
        with pytest.raises(NotAllowed, match="read-only"):
            verb()
    assert "read-only" in refusal(one, reader)


def test_the_verbs_of_the_setup_refuse_members(member: User, dana: User, channel: Channel) -> None:
    now = timezone.now()
    verbs: list[Callable[[], object]] = [
        lambda: invite(email="eve@acme.example", role=Role.ADMIN, by=member),
        lambda: change_role(teammate=member, role=Role.ADMIN, by=member),
        lambda: remove(teammate=dana, by=member),
        lambda: bring_back(teammate=dana, by=member),
        lambda: count_as(channel=channel, external_id=str(dana.external_id), side=None, by=member),
        lambda: connect_by_token("xoxb-1", by=member),
        lambda: begin_reading(channel=channel, oldest=now - timedelta(days=1), latest=now, by=member),
        lambda: HistoryReading().stop(by=member),
        lambda: HistoryReading().resume(by=member),
        lambda: comparing.begin(Installation(), by=member),
        lambda: comparing.mend(Difference(), by=member),
    ]
    for verb in verbs:
        with pytest.raises(NotAllowed, match="Only admins"):
            verb()
