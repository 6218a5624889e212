"""What can be seen of a Slack connection, as facts in words: for the settings page and for `manage.py doctor`.

Read from what is stored anyway, and asked of Slack at most twice a minute.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.db.models import Max
from django.utils.timesince import timesince
from django.utils.translation import gettext

from accounts.models import Channel
from integrations.models import InboundEvent, Installation, Provider
from integrations.slack import sightings
from integrations.slack.channels import LOOK_AGAIN
from integrations.slack.client import SlackError, call_with_headers, is_direct
from integrations.slack.connect import LEARN_TEAM
from integrations.slack.credentials import apps
from integrations.slack.manifest import BOT_EVENTS, BOT_SCOPES
from integrations.slack.revocation import scopes
from integrations.slack.socket_standing import standings
from integrations.trouble import TROUBLE

RECENT = 20_000
"""Of the newest stored events, so many are looked through."""
ASKED_SECONDS = 30
SKEW_SECONDS = 30
"""A clock may be that far off. Slack's signatures are refused beyond five minutes."""
MESSAGES = "message.channels", "message.groups"
"""Subscribed by these names, and stored as one kind."""


OWN_KINDS = (LEARN_TEAM, LOOK_AGAIN)
"""Events that we store ourselves, as reminders."""


class State(StrEnum):
    GOOD = "good"
    WAITING = "waiting"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Fact:
    """`fix`: what to do, in one line, unless all is well."""

    name: str
    state: State
    says: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    name: str
    meaning: str
    seen_at: datetime | None


def facts(installation: Installation, *, asks_anew: bool = False) -> list[Fact]:
    """About one connected team. Asks Slack, unless that was done in the last half minute."""
    if installation.revoked_at:
        return [withdrawn(installation)]
    answer = ask_slack(installation, anew=asks_anew)
    return [token(answer), granted(installation), clock(answer), requests(installation), channels(installation)]


def withdrawn(installation: Installation) -> Fact:
    because = TROUBLE.told(installation.revoked_because) or gettext("Slack withdrew Pylon’s access")
    return Fact(
        gettext("Access"), State.WRONG, f"{because}.",
        gettext("Install Pylon in the Slack workspace again: everything stored stays, and goes on."),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """To auth.test: Slack's refusal if there was one, and by how many seconds our clock is ahead of Slack's."""

    refusal: str
    ahead: float | None


def ask_slack(installation: Installation, *, anew: bool) -> Answer:
    """Also keeps what Slack says that the token may do."""
    key = f"slack-asked:{installation.pk}:{installation.created_at.timestamp()}"
    kept = cache.get(key)
    if isinstance(kept, tuple) and not anew:
        return Answer(*kept)
    try:
        _, headers = call_with_headers(installation, "auth.test")
    except SlackError as error:
        answer = Answer(error.code, None)
    else:
        answer = Answer("", _ahead(headers.get("date", "")))
        may = scopes(headers.get("x-oauth-scopes", ""))
        if may and may != installation.scopes:
            installation.scopes = may
            installation.save(update_fields=["scopes"])
    cache.set(key, (answer.refusal, answer.ahead), ASKED_SECONDS)
    return answer


def token(answer: Answer) -> Fact:
    if not answer.refusal:
        return Fact(gettext("Token"), State.GOOD, gettext("Slack takes Pylon’s token."))
    return Fact(
        gettext("Token"), State.WRONG, gettext("Slack answered: %(refusal)s.") % {"refusal": answer.refusal},
        gettext("Wait if Slack is away; else install again."),
    )  # fmt: skip


def missing_scopes(installation: Installation) -> list[str]:
    """Empty, too, where Slack has not said what it granted."""
    return sorted(BOT_SCOPES.keys() - set(installation.scopes)) if installation.scopes else []


def granted(installation: Installation) -> Fact:
    if not installation.scopes:
        return Fact(gettext("Permissions"), State.WAITING, gettext("Slack has not said yet what Pylon may do."))
    missing = missing_scopes(installation)
    if not missing:
        return Fact(
            gettext("Permissions"),
            State.GOOD,
            gettext("All %(count)d that Pylon needs are granted.") % {"count": len(BOT_SCOPES)},
        )
    lacks = "; ".join(
        gettext("%(scope)s (to %(purpose)s)") % {"scope": scope, "purpose": BOT_SCOPES[scope]} for scope in missing
    )
    return Fact(
        gettext("Permissions"), State.WRONG, gettext("Not granted: %(lacks)s.") % {"lacks": lacks},
        gettext("Update the app’s manifest in Slack, then install again to grant them."),
    )  # fmt: skip


def clock(answer: Answer) -> Fact:
    if answer.ahead is None:
        return Fact(gettext("Clock"), State.WAITING, gettext("Not compared with Slack’s yet."))
    seconds = round(abs(answer.ahead))
    if seconds <= SKEW_SECONDS:
        return Fact(
            gettext("Clock"), State.GOOD, gettext("Within %(count)d s of Slack’s.") % {"count": max(seconds, 1)}
        )
    if answer.ahead > 0:
        told = gettext("%(count)d s ahead of Slack’s. Beyond 300 s every request of Slack’s is refused.")
    else:
        told = gettext("%(count)d s behind Slack’s. Beyond 300 s every request of Slack’s is refused.")
    return Fact(
        gettext("Clock"), State.WRONG, told % {"count": seconds},
        gettext("Let this machine set its clock by NTP."),
    )  # fmt: skip


def requests(installation: Installation | None = None) -> Fact:
    """Whether a request that Slack signed has come, for this team or for any, or whether the last one was refused."""
    rows = InboundEvent.objects.filter(pk__gt=_recent(), provider=Provider.SLACK)
    if installation:
        rows = rows.filter(lane__startswith=f"{installation.external_id}:").exclude(kind__in=OWN_KINDS)
    last = rows.aggregate(at=Max("received_at"))["at"]
    refusal = sightings.last("refusal")
    if refusal and (last is None or refusal["at"] > last.timestamp()):
        told = gettext("The last request was refused %(ago)s: %(reason)s")
        return Fact(
            gettext("Events"), State.WRONG, told % {"ago": _ago(refusal["at"]), "reason": refusal["reason"]},
            gettext("Compare the signing secret with the one under Basic Information of the app in Slack."),
        )  # fmt: skip
    if last is None:
        return Fact(
            gettext("Events"),
            State.WAITING,
            gettext("None has come yet."),
            gettext("Invite Pylon to a channel and write there."),
        )
    return Fact(
        gettext("Events"),
        State.GOOD,
        gettext("The last one came %(ago)s, rightly signed.") % {"ago": _ago(last.timestamp())},
    )


def channels(installation: Installation) -> Fact:
    names = list(
        Channel.objects.filter(
            workspace=installation.workspace_id, external_team_id=installation.external_id, left_at=None
        )
        .order_by("name", "external_id")
        .values_list("name", flat=True)
    )
    if not names:
        return Fact(
            gettext("Channels"),
            State.WAITING,
            gettext("Pylon is in none yet."),
            gettext("In Slack, /invite @Pylon in a customer’s channel."),
        )
    shown = ", ".join(f"#{name}" for name in names[:8] if name)
    if len(names) > 8:
        told = gettext("Pylon is in %(count)d: %(names)s and %(more)d more.")
    else:
        told = gettext("Pylon is in %(count)d: %(names)s.")
    words = {"count": len(names), "names": shown, "more": len(names) - 8}
    return Fact(gettext("Channels"), State.GOOD, told % words)


def address() -> Fact:
    """Whether Slack reaches us."""
    if any(app.app_token for app in apps()):
        return _socket_mode()
    url = urlsplit(settings.BASE_URL)
    checked = sightings.last("challenge")
    if checked:
        told = gettext("Slack reached %(address)s and checked it %(ago)s.")
        words = {"address": settings.BASE_URL, "ago": _ago(checked["at"])}
        return Fact(gettext("Address"), State.GOOD, told % words)
    if url.scheme != "https" and not is_direct(settings.SLACK_API_URL):
        told = gettext("Slack can’t reach %(address)s: it takes public https addresses only.")
        return Fact(
            gettext("Address"), State.WRONG, told % {"address": settings.BASE_URL},
            gettext("Set BASE_URL to an https address, or use Socket Mode."),
        )  # fmt: skip
    told = gettext("Slack has not checked %(address)s lately.")
    return Fact(
        gettext("Address"), State.WAITING, told % {"address": settings.BASE_URL},
        gettext("Press Verify or Retry on the app’s page Event Subscriptions."),
    )  # fmt: skip


def events(installation: Installation) -> list[Event]:
    """Each that we subscribe to, with when the last one came, among the newest stored."""
    rows = InboundEvent.objects.filter(pk__gt=_recent(), lane__startswith=f"{installation.external_id}:")
    seen = dict(rows.order_by().values_list("kind").annotate(Max("received_at")))
    messages = Event(", ".join(MESSAGES), gettext("messages in public and private channels"), seen.get("message"))
    rest = {name: meaning for name, meaning in BOT_EVENTS.items() if name not in MESSAGES}
    return [messages, *(Event(name, str(meaning), seen.get(name)) for name, meaning in rest.items())]


def _socket_mode() -> Fact:
    connections = standings()
    if any(one.connected_since for one in connections):
        return Fact(gettext("Address"), State.GOOD, gettext("None is needed: Socket Mode is connected."))
    error = next((one.error for one in connections if one.error), "")
    if error:
        told = gettext("Socket Mode is not connected: %(error)s.") % {"error": error}
    else:
        told = gettext("Socket Mode is not connected.")
    return Fact(
        gettext("Address"), State.WRONG, told,
        gettext("Run `manage.py up`, or `manage.py socket_mode`; compare the app-level token."),
    )  # fmt: skip


def _ago(at: float) -> str:
    """`at` in Unix seconds."""
    if time.time() - at < 60:
        return gettext("a moment ago")
    return gettext("%(time)s ago") % {"time": timesince(datetime.fromtimestamp(at, UTC))}


def _recent() -> int:
    """The id after which the newest events lie: a range of the primary key, however many are stored."""
    newest: int = InboundEvent.objects.aggregate(pk=Max("pk"))["pk"] or 0
    return newest - RECENT


def _ahead(date: str) -> float | None:
    """From an HTTP Date header, which has no fractions of a second."""
    try:
        return time.time() - parsedate_to_datetime(date).timestamp() - 0.5
    except ValueError:
        return None
