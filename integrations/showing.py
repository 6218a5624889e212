"""Which triage channels show a conversation: what its facts ask for, and what shows it already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

from conversations.models import Conversation, ConversationEvent
from conversations.status import Status
from integrations.models import Delivery, DeliveryKind, Installation, Link, LinkKind, Provider
from triage.models import TriageChannel
from triage.preview import facts_of
from triage.routing import Filter, places
from triage.services import OURS

Place: TypeAlias = tuple[str, int]
"""A Slack channel's id, and the installation through which we are in it."""


@dataclass(frozen=True, slots=True)
class Showing:
    """The triage channels of one workspace."""

    filters: dict[Place, Filter]
    names: dict[Place, str]
    general: Place | None = None

    def wanted(self, conversation: Conversation, shown: Collection[Place] = ()) -> list[Place]:
        """Where it belongs. A status decides only where it first appears: what is shown stays when the status moves
        on."""
        facts = facts_of(conversation)
        filters = {
            place: replace(chosen, statuses=frozenset()) if place in shown else chosen
            for place, chosen in self.filters.items()
        }
        return places(facts, filters, general=self.general)


def showings(workspaces: Collection[int]) -> dict[int, Showing]:
    """By workspace. Two queries."""
    teams: dict[tuple[int, str], int] = {}
    installations = Installation.objects.filter(workspace__in=workspaces, provider=Provider.SLACK, revoked_at=None)
    for workspace_id, team_id, pk in installations.order_by("-pk").values_list("workspace_id", "external_id", "pk"):
        teams[workspace_id, team_id] = teams[workspace_id, ""] = pk
    found = {workspace_id: Showing({}, {}) for workspace_id in workspaces}
    chosen = TriageChannel.objects.filter(workspace__in=workspaces, channel__left_at=None).order_by("pk")
    for triage in chosen.select_related("channel"):
        team = teams.get((triage.workspace_id, triage.channel.external_team_id))
        if team is None or triage.channel.is_shared or triage.channel.kind not in OURS:
            continue
        place, showing = (triage.channel.external_id, team), found[triage.workspace_id]
        showing.names[place] = str(triage.channel)
        if triage.is_general:
            found[triage.workspace_id] = replace(showing, general=place)
        else:
            showing.filters[place] = Filter.read(triage.filter)
    return found


def posts_to_draw(
    conversations: Iterable[Conversation], newest: dict[int, ConversationEvent] | None = None
) -> list[Delivery]:
    """A delivery for each post that these conversations have or shall have. `account` and `channel` are
    best read along."""
    conversations = [one for one in conversations if not (one.is_unsorted or one.channel.is_sample)]
    shown: dict[int, set[Place]] = defaultdict(set)
    links = Link.objects.filter(conversation__in=conversations, kind=LinkKind.TRIAGE_POST, ended_at=None)
    for pk, place, installation_id in links.values_list("conversation_id", "place", "installation_id"):
        shown[pk].add((place, installation_id))
    found = showings({one.workspace_id for one in conversations})
    deliveries = []
    for conversation in conversations:
        targets = set(shown[conversation.pk])
        if not conversation.merged_into_id and _concerns_us(conversation, is_shown=bool(targets)):
            targets |= set(found[conversation.workspace_id].wanted(conversation, targets))
        event = newest[conversation.pk] if newest else None
        deliveries += [
            Delivery(
                workspace_id=conversation.workspace_id, installation_id=installation_id, conversation=conversation,
                event=event, kind=DeliveryKind.TRIAGE_POST, place=place,
            )
            for place, installation_id in sorted(targets)
        ]  # fmt: skip
    return deliveries


def reroute(workspace_id: int, *, most: int = 5_000) -> int:
    """Draw the posts of all open conversations anew, because the channels or their filters changed. Answers how many
    posts wait."""
    conversations = Conversation.objects.filter(workspace=workspace_id).exclude(status=Status.CLOSED)
    deliveries = posts_to_draw(conversations.select_related("account", "channel").order_by("-last_message_at")[:most])
    Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
    return len(deliveries)


def _concerns_us(conversation: Conversation, *, is_shown: bool) -> bool:
    """A thank-you, or what we said unasked, opens and closes at once: nothing for a triage channel. What is closed
    moves nowhere any more."""
    if conversation.status != Status.CLOSED:
        return True
    return not is_shown and (conversation.first_response_at is not None or conversation.status_by_person)
