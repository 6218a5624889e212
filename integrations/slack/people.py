"""Who speaks: a teammate or a customer's contact.

`prepare` asks Slack about unknown people before any lock is taken; what it could not learn is made up for from the
event itself, so that no message waits for a profile. The rule that tells them apart: `accounts.sides`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from operator import itemgetter

import structlog
from django.utils import timezone

from accounts.models import Channel, Contact, Side, User
from accounts.sides import Person, judge
from integrations.models import Installation
from integrations.slack.client import SlackError, call
from integrations.slack.messages import Said
from integrations.slack.pacing import at_leisure
from integrations.slack.profiles import contact, remember, teammate, us_of

log = structlog.get_logger(__name__)

STALE_AFTER = timedelta(days=7)
"""A profile that was read longer ago is read anew when its person is seen; most changes Slack tells us of."""
STALE_AT_ONCE = 5
ASK_LATER = timedelta(hours=1)


def known(installation: Installation, user_ids: Iterable[str]) -> dict[str, User | Contact]:
    """The people whom we know, by Slack's id."""
    ids = set(user_ids)
    mine = {"workspace_id": installation.workspace_id, "external_id__in": ids}
    people: dict[str, User | Contact] = {str(c.external_id): c for c in Contact.objects.filter(**mine)}
    return people | {str(u.external_id): u for u in User.objects.filter(**mine)}


def learn(installation: Installation, user_ids: Iterable[str], *, most: int | None = None) -> set[str]:
    """Ask Slack about those whose profile we have not read, and remember them. Never within a transaction.

    Answers those about whom Slack would not tell us. Who was read long ago is read anew, where that costs no waiting.
    """
    wanted = set(user_ids) - {""}
    read = {i: person.profile_read_at for i, person in known(installation, wanted).items() if person.profile_read_at}
    untold = set()
    for user_id in sorted(wanted - read.keys())[:most]:
        try:
            _ask(installation, user_id)
        except SlackError as error:
            untold.add(user_id)
            if not error.permanent:  # Slack is busy or away, for the others as well
                return wanted - read.keys()
    old = timezone.now() - STALE_AFTER
    _read_anew(installation, [i for i, at in sorted(read.items(), key=itemgetter(1)) if at < old][:STALE_AT_ONCE])
    return untold


def speaker(installation: Installation, said: Said, channel: Channel) -> User | Contact | None:
    """The author of a message, made from the event alone where neither we nor Slack's profile knew them.

    None for an app that speaks for nobody.
    """
    if not said.user_id:
        return None
    person = known(installation, [said.user_id]).get(said.user_id)
    if person is None:
        seen = {"name": (said.name or said.user_id)[:120], "external_team_id": said.team_id[:64]}
        verdict = judge(Person(team_id=said.team_id), us_of(installation))
        make = teammate if verdict.side == Side.US else contact
        person = make(installation, said.user_id, seen)
    if isinstance(person, Contact) and person.account_id is None and channel.account_id:
        Contact.objects.filter(pk=person.pk, account=None).update(account=channel.account_id)
    return person


def inviter(installation: Installation, user_id: str, untold: set[str]) -> User | None:
    """Who added us to a channel. Only people of our own team can: who they are need not be told by Slack."""
    person = known(installation, [user_id]).get(user_id) if user_id else None
    if person is None and user_id in untold:
        person = teammate(installation, user_id, {"name": user_id})
    return person if isinstance(person, User) else None


def _ask(installation: Installation, user_id: str) -> None:
    """Raises SlackError; whom Slack refuses to tell of is not asked about again soon."""
    try:
        profile = call(installation, "users.info", user=user_id).get("user")
    except SlackError as error:
        log.warning("a profile could not be read", user_id=user_id, code=error.code)
        if error.permanent:
            _count_as_read(installation, [user_id], timezone.now())
        raise
    if isinstance(profile, dict):
        remember(installation, profile)


def _read_anew(installation: Installation, user_ids: Sequence[str]) -> None:
    """What is known serves meanwhile: nobody waits for it, and where Slack is busy or away it is left for later."""
    for user_id in user_ids:
        try:
            with at_leisure(0):
                _ask(installation, user_id)
        except SlackError as error:
            if not error.permanent:
                _count_as_read(installation, user_ids, timezone.now() - STALE_AFTER + ASK_LATER)
                return


def _count_as_read(installation: Installation, user_ids: Sequence[str], at: datetime) -> None:
    mine = {"workspace": installation.workspace, "external_id__in": user_ids}
    for people in (User.objects.filter(**mine), Contact.objects.filter(**mine)):
        people.update(profile_read_at=at)
