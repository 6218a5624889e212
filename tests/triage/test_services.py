from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import Channel, ChannelKind, User, Workspace
from tests import cast
from triage.describing import in_words
from triage.models import TriageChannel
from triage.preview import preview
from triage.routing import Filter
from triage.services import choose_triage_channel


@pytest.fixture
def ours(workspace: Workspace) -> Channel:
    return cast.make_channel(workspace=workspace, kind=ChannelKind.INTERNAL, name="support")


def of(*owners: User) -> Filter:
    return Filter(owners=frozenset(user.pk for user in owners))


def test_a_channel_of_our_own_is_chosen_and_changed(
    workspace: Workspace, ours: Channel, dana: User, omar: User
) -> None:
    for chosen in (of(omar), of(omar), of(dana, omar)):
        triage = choose_triage_channel(workspace=workspace, channel=ours, chosen=chosen, name="Europe")
    assert TriageChannel.objects.get() == triage
    assert triage.filter == {"owners": sorted([dana.pk, omar.pk])}
    assert in_words(triage) == "conversations of Dana Reyes or Omar Haddad"


def test_one_channel_shows_all_the_rest(workspace: Workspace, ours: Channel, omar: User) -> None:
    other = cast.make_channel(workspace=workspace, kind=ChannelKind.TRIAGE)
    choose_triage_channel(workspace=workspace, channel=ours)
    choose_triage_channel(workspace=workspace, channel=other)
    assert [(t.channel, t.is_general) for t in TriageChannel.objects.all()] == [(other, True)]
    choose_triage_channel(workspace=workspace, channel=other, chosen=of(omar))
    assert not TriageChannel.objects.get().is_general


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
        choose_triage_channel(workspace=workspace, channel=ours)


def test_another_workspaces_things_are_refused(workspace: Workspace, ours: Channel, stranger: User) -> None:
    theirs = cast.make_channel(workspace=stranger.workspace, kind=ChannelKind.TRIAGE)
    account = cast.make_account(workspace=stranger.workspace)
    with pytest.raises(ValidationError, match="not a channel of ours alone"):
        choose_triage_channel(workspace=workspace, channel=theirs)
    for chosen, part in [
        (of(stranger), "owners"),
        (Filter(accounts=frozenset({account.pk})), "accounts"),
        (Filter(channels=frozenset({theirs.pk})), "channels"),
        (Filter(priorities=frozenset({"purple"})), "priorities"),
    ]:
        with pytest.raises(ValidationError, match=f"{part}.*One of these is not of this workspace"):
            choose_triage_channel(workspace=workspace, channel=ours, chosen=chosen)
    with pytest.raises(ValidationError, match="at least one thing"):
        choose_triage_channel(workspace=workspace, channel=ours, chosen=Filter())


def test_a_draft_shows_what_it_would_do(workspace: Workspace, channel: Channel, ours: Channel, omar: User) -> None:
    for owner in (omar, omar, channel.owner):
        cast.make_conversation(channel=channel, owner=owner)
    choose_triage_channel(
        workspace=workspace, channel=cast.make_channel(workspace=workspace, kind="triage", name="all")
    )
    seen = preview(workspace.pk, channel_id=ours.pk, draft=of(omar))
    assert (seen.seen, seen.landing, seen.before, seen.nowhere) == (3, 2, {"#all": 2}, 0)
    assert {conversation.owner for conversation in seen.examples} == {omar}
    assert preview(workspace.pk, channel_id=ours.pk, draft=None).landing == 3
