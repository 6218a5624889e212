from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import Channel, ChannelKind, User, Workspace
from tests import cast
from triage.models import TriageChannel
from triage.services import choose_triage_channel


@pytest.fixture
def ours(workspace: Workspace) -> Channel:
    return cast.make_channel(workspace=workspace, kind=ChannelKind.INTERNAL, name="support")


def test_a_channel_of_our_own_is_chosen_and_replaced(workspace: Workspace, ours: Channel, omar: User) -> None:
    other = cast.make_channel(workspace=workspace, kind=ChannelKind.TRIAGE)
    for channel in (ours, other, other):
        choose_triage_channel(workspace=workspace, owner=omar, channel=channel)
    assert [(t.owner, t.channel) for t in TriageChannel.objects.all()] == [(omar, other)]


@pytest.mark.parametrize(
    "change",
    [
        {"is_shared": True},
        {"kind": ChannelKind.CUSTOMER},
        {"kind": ChannelKind.IGNORED},
        {"left_at": timezone.now()},
    ],
)
def test_others_would_read_along_or_we_are_not_in_it(
    workspace: Workspace, ours: Channel, change: dict[str, object]
) -> None:
    Channel.objects.filter(pk=ours.pk).update(**change)
    with pytest.raises(ValidationError, match="not a channel of ours alone"):
        choose_triage_channel(workspace=workspace, owner=None, channel=ours)


def test_a_channel_shows_one_owners_conversations(workspace: Workspace, ours: Channel, omar: User) -> None:
    choose_triage_channel(workspace=workspace, owner=omar, channel=ours)
    with pytest.raises(ValidationError, match="shows Omar Haddad’s conversations already"):
        choose_triage_channel(workspace=workspace, owner=None, channel=ours)


def test_another_workspaces_channel_and_teammate_are_refused(
    workspace: Workspace, ours: Channel, stranger: User
) -> None:
    theirs = cast.make_channel(workspace=stranger.workspace, kind=ChannelKind.TRIAGE)
    with pytest.raises(ValidationError, match="not a channel of ours alone"):
        choose_triage_channel(workspace=workspace, owner=None, channel=theirs)
    with pytest.raises(ValidationError, match="teammate of this workspace"):
        choose_triage_channel(workspace=workspace, owner=stranger, channel=ours)
