"""Who was seen in a channel, for which side their messages count there, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from django.db.models import Count, Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Channel, Contact, Side, SideOverride, User
from accounts.sides import Person, Us, judge
from conversations.models import Message, MessageKind
from integrations.models import Installation, Provider
from integrations.slack.profiles import us_of

SEEN = timedelta(days=180)
SHOWN = 200

Key: TypeAlias = tuple[type[User] | type[Contact], int]


@dataclass(frozen=True, slots=True)
class Seen:
    """`side` and `because` as Slack tells, `override` a person's word against it."""

    person: User | Contact
    side: Side
    because: str
    override: SideOverride | None
    message_count: int = 0
    last_at: datetime | None = None

    @property
    def counts_as(self) -> Side:
        return Side(self.override.side) if self.override else self.side

    @property
    def is_ours(self) -> bool:
        return self.counts_as == Side.US


def people_in(channel: Channel) -> list[Seen]:
    """Who wrote there lately, the latest first, then those of whom somebody has said who they are."""
    overrides = {one.external_id: one for one in channel.side_overrides.select_related("by_user")}
    figures = _figures(channel)
    people = _people(channel, figures, overrides.keys())
    us = _us(channel)
    seen = []
    for person in people:
        side, because = _side(person, us)
        count, last_at = figures.get((type(person), person.pk), (0, None))
        seen.append(Seen(person, side, because, overrides.get(person.external_id or ""), count, last_at))
    return sorted(seen, key=lambda one: one.last_at.timestamp() if one.last_at else 0, reverse=True)


def _figures(channel: Channel) -> dict[Key, tuple[int, datetime | None]]:
    written = Message.objects.filter(channel=channel, sent_at__gte=timezone.now() - SEEN).exclude(kind=MessageKind.NOTE)
    by_author = written.order_by().values("author_user", "author_contact").annotate(n=Count("pk"), last=Max("sent_at"))
    figures: dict[Key, tuple[int, datetime | None]] = {}
    for row in by_author.order_by("-last")[:SHOWN]:
        if row["author_user"]:
            figures[User, row["author_user"]] = row["n"], row["last"]
        elif row["author_contact"]:
            figures[Contact, row["author_contact"]] = row["n"], row["last"]
    return figures


def _people(channel: Channel, figures: Iterable[Key], overridden: Iterable[str]) -> list[User | Contact]:
    figures, overridden = list(figures), list(overridden)
    users = Q(pk__in=[pk for kind, pk in figures if kind is User]) | Q(external_id__in=overridden)
    contacts = Q(pk__in=[pk for kind, pk in figures if kind is Contact]) | Q(external_id__in=overridden)
    teammates = list(User.objects.filter(users, workspace=channel.workspace_id))
    known = {teammate.external_id for teammate in teammates}
    # Who became a teammate is known as a contact, too: shown where they wrote as one.
    met = Contact.objects.filter(contacts, workspace=channel.workspace_id)
    return [*teammates, *(one for one in met if one.external_id not in known or (Contact, one.pk) in figures)]


def _us(channel: Channel) -> Us:
    teams = Installation.objects.filter(workspace=channel.workspace_id, provider=Provider.SLACK)
    installation = teams.filter(external_id=channel.external_team_id).first() or teams.first()
    return us_of(installation) if installation else Us(team_ids=())


def _side(person: User | Contact, us: Us) -> tuple[Side, str]:
    """Somebody's side is decided when their profile is read. After a change of our e-mail domains that is when they are
    seen next."""
    side = Side.US if isinstance(person, User) else Side.CUSTOMER
    if isinstance(person, User) and not person.external_id:
        return side, _("was a teammate in Slack when writing this")
    verdict = judge(Person(person.external_team_id, "", person.email or "", person.is_guest), us)
    if verdict.side == side:
        return side, verdict.because
    return side, _("is a teammate of this workspace") if side == Side.US else _("was met as a customer’s contact")
