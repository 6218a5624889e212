"""Who speaks: a teammate or a customer's contact.

Told apart by the sender's team. `prepare` asks Slack about unknown people before any lock is taken; what it could
not learn is made up for from the event itself, so that no message waits for a profile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from django.db.models import Q
from django.utils import timezone

from accounts.models import Account, Channel, Contact, User
from conversations.services import name_author
from integrations.models import Installation
from integrations.slack.client import SlackError, call
from integrations.slack.messages import Said

log = structlog.get_logger(__name__)


def known(installation: Installation, user_ids: Iterable[str]) -> dict[str, User | Contact]:
    """The people whom we know, by Slack's id."""
    ids = set(user_ids)
    mine = {"workspace_id": installation.workspace_id, "external_id__in": ids}
    people: dict[str, User | Contact] = {str(c.external_id): c for c in Contact.objects.filter(**mine)}
    return people | {str(u.external_id): u for u in User.objects.filter(**mine)}


def learn(installation: Installation, user_ids: Iterable[str], *, most: int | None = None) -> set[str]:
    """Ask Slack about those whose profile we have not read, and remember them. Never within a transaction.

    Answers those about whom Slack would not tell us.
    """
    wanted = set(user_ids) - {""}
    read = {i for i, person in known(installation, wanted).items() if person.profile_read_at}
    untold = set()
    for user_id in sorted(wanted - read)[:most]:
        try:
            profile = call(installation, "users.info", user=user_id).get("user")
        except SlackError as error:
            log.warning("a profile could not be read", user_id=user_id, code=error.code)
            untold.add(user_id)
            if error.permanent:
                _stop_asking(installation, user_id)
            else:  # Slack is busy or away, for the others as well
                return wanted - read
        else:
            if isinstance(profile, dict):
                remember(installation, profile)
    return untold


def remember(installation: Installation, profile: Mapping[str, Any]) -> User | Contact | None:
    """Take Slack's user object over: make or refresh the teammate or contact. None for apps."""
    user_id = str(profile.get("id") or "")
    if not user_id or profile.get("is_bot") or user_id == "USLACKBOT":
        return None
    details = profile.get("profile")
    details = details if isinstance(details, dict) else {}
    email = str(details.get("email") or "").lower()[:254]
    name = str(details.get("real_name") or profile.get("real_name") or profile.get("name") or user_id)[:120]
    seen = {
        "name": name,
        "avatar_url": str(details.get("image_72") or "")[:500],
        "profile_read_at": timezone.now(),
    }
    before = known(installation, [user_id]).get(user_id)
    person = _remembered(installation, profile, user_id, email, seen)
    if before and before.name == user_id != person.name:
        name_author(person, former=user_id)
    return person


def _remembered(
    installation: Installation, profile: Mapping[str, Any], user_id: str, email: str, seen: dict[str, Any]
) -> User | Contact:
    if is_teammate(installation, _team(profile), is_guest=_is_guest(profile), email=email):
        return _teammate(installation, user_id, email, seen)
    # A guest of whom Slack would not tell at first was taken for a teammate.
    mistaken = User.objects.filter(workspace=installation.workspace, external_id=user_id, last_login=None)
    mistaken.update(external_id=None, is_active=False)
    return _contact(installation, user_id, seen | {"email": email, "external_team_id": _team(profile)})


def speaker(installation: Installation, said: Said, channel: Channel) -> User | Contact | None:
    """The author of a message, made from the event alone where neither we nor Slack's profile knew them.

    None for an app that speaks for nobody.
    """
    if not said.user_id:
        return None
    person = known(installation, [said.user_id]).get(said.user_id)
    if person is None:
        name = {"name": (said.name or said.user_id)[:120]}
        if said.team_id and is_teammate(installation, said.team_id, is_guest=False, email=""):
            person = _teammate(installation, said.user_id, "", name)
        else:
            # Without a team nobody can tell; as a customer's, the message is at least seen and answered.
            person = _contact(installation, said.user_id, name | {"external_team_id": said.team_id})
    if isinstance(person, Contact) and person.account_id is None and channel.account_id:
        Contact.objects.filter(pk=person.pk, account=None).update(account=channel.account_id)
    return person


def inviter(installation: Installation, user_id: str, untold: set[str]) -> User | None:
    """Who added us to a channel. Only people of our own team can: who they are need not be told by Slack."""
    person = known(installation, [user_id]).get(user_id) if user_id else None
    if person is None and user_id in untold:
        person = _teammate(installation, user_id, "", {"name": user_id})
    return person if isinstance(person, User) else None


def is_teammate(installation: Installation, team_id: str, *, is_guest: bool, email: str) -> bool:
    """Of our team and no guest; where the workspace names its e-mail domains, also with such an address."""
    if team_id not in {installation.external_id, installation.enterprise_id or installation.external_id}:
        return False
    domains = installation.workspace.email_domains
    if domains and email:
        return email.partition("@")[2] in domains
    return not is_guest


def _stop_asking(installation: Installation, user_id: str) -> None:
    mine = {"workspace": installation.workspace, "external_id": user_id}
    for people in (User.objects.filter(**mine), Contact.objects.filter(**mine)):
        people.update(profile_read_at=timezone.now())


def _team(profile: Mapping[str, Any]) -> str:
    return str(profile.get("team_id") or profile.get("team") or "")


def _is_guest(profile: Mapping[str, Any]) -> bool:
    return bool(profile.get("is_restricted") or profile.get("is_ultra_restricted"))


def _teammate(installation: Installation, user_id: str, email: str, seen: dict[str, Any]) -> User:
    """Someone who signed in before being seen in Slack is found by their address."""
    mine = User.objects.filter(workspace=installation.workspace)
    user = mine.filter(external_id=user_id).first()
    if user is None and email:
        user = mine.filter(email__iexact=email, external_id=None, is_active=True).first()
    free = bool(email) and not User.objects.filter(email__iexact=email).exists()
    if user is None:
        user, _ = User.objects.get_or_create(
            workspace=installation.workspace,
            external_id=user_id,
            defaults=seen | {"email": email if free else None, "password": "!"},
        )
        return user
    if user.email is None and free:
        seen = seen | {"email": email}
    user.external_id = user_id
    for name, value in seen.items():
        setattr(user, name, value)
    user.save(update_fields=["external_id", *seen])
    return user


def _contact(installation: Installation, user_id: str, seen: dict[str, Any]) -> Contact:
    account = _account_of(installation, str(seen.get("external_team_id") or ""), str(seen.get("email") or ""))
    contact, made = Contact.objects.get_or_create(
        workspace=installation.workspace, external_id=user_id, defaults=seen | {"account": account}
    )
    if not made:
        for name, value in seen.items():
            setattr(contact, name, value)
        contact.save(update_fields=[*seen])
    return contact


def _account_of(installation: Installation, team_id: str, email: str) -> Account | None:
    by = Q(external_team_id=team_id) if team_id and team_id != installation.external_id else Q()
    domain = email.partition("@")[2]
    if domain:
        by |= Q(domains__contains=[domain])
    return Account.objects.filter(by, workspace=installation.workspace).first() if by else None
