"""Makes what tests are about: one small function per noun, with names and ids that nobody has to think of.

`say` goes the way of a real message (grouping, status, events); `make_conversation` writes a row as it is told.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from itertools import count
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts.models import Account, Channel, ChannelKind, Contact, User, Workspace
from conversations.models import Conversation, Message
from conversations.services import receive_message
from conversations.status import Status
from integrations.models import Installation, Provider
from triage.models import TriageChannel

PASSWORD = "correct-horse-battery"
OUR_TEAM, THEIR_TEAM = "T0ACME", "T0GLOBEX"

_next = count(1)


def make_workspace(*, name: str = "Acme", **fields: Any) -> Workspace:
    return Workspace.objects.create(name=name, **fields)


def make_teammate(*, workspace: Workspace, name: str = "Dana Reyes", email: str = "", **fields: Any) -> User:
    """Signs in with `PASSWORD`. Not staff, unless told so."""
    number = next(_next)
    fields.setdefault("external_id", f"U{number:06}")
    email = email or f"{name.split(maxsplit=1)[0].lower()}{number}@acme.example"
    return User.objects.create(email=email, password=_hashed(PASSWORD), workspace=workspace, name=name, **fields)


def make_account(*, workspace: Workspace, name: str = "", owner: User | None = None, **fields: Any) -> Account:
    name = name or f"Globex {next(_next)}"
    return Account.objects.create(workspace=workspace, name=name, owner=owner, **fields)


def make_contact(
    *, workspace: Workspace, account: Account | None = None, name: str = "Hank Scorpio", **fields: Any
) -> Contact:
    fields.setdefault("external_id", f"W{next(_next):06}")
    fields.setdefault("external_team_id", THEIR_TEAM)
    return Contact.objects.create(workspace=workspace, account=account, name=name, **fields)


def make_channel(
    *,
    workspace: Workspace,
    account: Account | None = None,
    owner: User | None = None,
    kind: str = ChannelKind.CUSTOMER,
    name: str = "",
    **fields: Any,
) -> Channel:
    """A customer's shared channel, or one of our own when `kind` says so."""
    number = next(_next)
    fields.setdefault("external_id", f"C{number:06}")
    fields.setdefault("external_team_id", OUR_TEAM)
    fields.setdefault("is_shared", kind == ChannelKind.CUSTOMER)
    return Channel.objects.create(
        workspace=workspace, account=account, owner=owner, kind=kind, name=name or f"{kind}-{number}", **fields
    )


def make_triage_channel(
    *, workspace: Workspace, owner: User | None = None, channel: Channel | None = None
) -> TriageChannel:
    """`owner`'s own one, or without owner the workspace's general one."""
    channel = channel or make_channel(workspace=workspace, kind=ChannelKind.TRIAGE)
    chosen = {"owners": [owner.pk]} if owner else {}
    return TriageChannel.objects.create(workspace=workspace, channel=channel, is_general=not owner, filter=chosen)


def make_installation(*, workspace: Workspace, external_id: str = OUR_TEAM, **fields: Any) -> Installation:
    fields.setdefault("name", workspace.name)
    fields.setdefault("bot_user_id", "U0PYLON")
    fields.setdefault("bot_id", "B0PYLON")
    fields.setdefault("credentials", {"bot_token": "xoxb-test"})
    return Installation.objects.create(workspace=workspace, provider=Provider.SLACK, external_id=external_id, **fields)


def make_conversation(
    *,
    channel: Channel,
    status: Status = Status.TODO,
    owner: User | None = None,
    title: str = "The export is empty",
    opened_at: datetime | None = None,
    **fields: Any,
) -> Conversation:
    """A bare row without messages or events, owned by `owner` or else by the channel's."""
    opened_at = opened_at or timezone.now()
    closed = status == Status.CLOSED
    fields.setdefault("number", channel.workspace.take_numbers(1)[0])
    fields.setdefault("last_message_at", opened_at)
    fields.setdefault("last_message_text", title)
    fields.setdefault("waiting_since", opened_at if status == Status.TODO else None)
    fields.setdefault("closed_at", opened_at if closed else None)
    return Conversation.objects.create(
        workspace=channel.workspace, channel=channel, account=channel.account, owner=owner or channel.owner,
        title=title, status=status, status_changed_at=opened_at, opened_at=opened_at, **fields,
    )  # fmt: skip


def make_ts(at: datetime | None = None) -> str:
    """A time stamp as Slack writes it, never the same twice."""
    return f"{int((at or timezone.now()).timestamp())}.{next(_next):06}"


def make_key() -> UUID:
    """The id of a reply's form."""
    return UUID(int=next(_next))


def say(
    text: str,
    *,
    channel: Channel,
    by: User | Contact | None,
    at: datetime | None = None,
    ago: timedelta = timedelta(),
    thread_ts: str | None = None,
    **fields: Any,
) -> Message:
    """A message that came in from Slack; `ago` is counted back from `at` or now."""
    ts = make_ts((at or timezone.now()) - ago)
    return receive_message(channel=channel, ts=ts, text=text, author=by, thread_ts=thread_ts, **fields)


@lru_cache(maxsize=1)
def _hashed(password: str) -> str:
    """Once, because it takes a third of a second on purpose."""
    return make_password(password)
