"""Many channels at once: pick public ones, look at whose they will be, join them."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Account, User
from accounts.roles import require_admin
from accounts.services import Sighting, company_name, guess_account
from conversations.requests import SignedInRequest
from integrations.models import Installation, Provider
from integrations.slack.entering import is_wanted, public_channels
from integrations.slack.errors import SlackError
from integrations.slack.people import known
from integrations.slack.picking import Pick, add
from integrations.slack.refusals import in_words
from integrations.slack.tasks import drain_inbox
from integrations.wake import wake

SHOWN, AT_ONCE = 200, 50
NEW = "new"


@dataclass(frozen=True, slots=True)
class Found:
    """A public channel that we are not in. `wanted`: its name is one that the workspace looks for."""

    installation: Installation
    sighting: Sighting
    wanted: bool

    @property
    def key(self) -> str:
        return f"{self.sighting.external_team_id}:{self.sighting.external_id}"


@dataclass(frozen=True, slots=True)
class Line:
    """One of the picked ones: whose it will be, as guessed."""

    found: Found
    account: Account | None
    new_account: str
    owner: User | None


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: SignedInRequest) -> HttpResponse:
    """GET lists, with `q` in the name. POST with `channel` (keys) shows whose they will be; with `join` as well, joins.

    Of each then: `account-KEY` (an id, "new" or nothing), `name-KEY`, `owner-KEY`.
    """
    require_admin(request.user)
    found, errors = _found(request)
    keys = dict.fromkeys(request.POST.getlist("channel"))
    picked = [one for one in found if one.key in keys][:AT_ONCE]
    if request.method == "POST" and picked:
        if "join" in request.POST:
            return _join(request, picked)
        context = {
            "lines": [_guess(request, one) for one in picked],
            "accounts": Account.objects.filter(workspace=request.user.workspace_id),
            "owners": _owners(request),
            "left_out": max(0, len(keys) - len(picked)),
        }
        return render(request, "settings/channels/add_look.html", context)
    query = request.GET.get("q", "").replace("\x00", "").strip().lstrip("#").lower()
    shown = [one for one in found if query in one.sighting.name.lower()]
    context = {"found": shown[:SHOWN], "count": len(shown), "query": query, "errors": errors, "at_once": AT_ONCE}
    return render(request, "settings/channels/add.html", context)


def _join(request: SignedInRequest, picked: list[Found]) -> HttpResponse:
    picks: dict[int, list[Pick]] = {}
    installations = {one.installation.pk: one.installation for one in picked}
    accounts = {str(one.pk): one for one in Account.objects.filter(workspace=request.user.workspace_id)}
    owners = {str(one.pk): one for one in _owners(request)}
    for one in picked:
        picks.setdefault(one.installation.pk, []).append(_pick(request.POST, one, accounts, owners))
    added = [channel for pk, chosen in picks.items() for channel in add(installations[pk], chosen)]
    wake(drain_inbox)
    names = [str(channel) for channel in added[:5]]
    if len(added) > 5:
        names.append(_("%(count)d more") % {"count": len(added) - 5})
    messages.success(request, _("Joining %(channels)s.") % {"channels": get_text_list(names, _("and"))})
    return redirect("channels")


def _pick(form: QueryDict, one: Found, accounts: dict[str, Account], owners: dict[str, User]) -> Pick:
    account = form.get(f"account-{one.key}", "")
    return Pick(
        sighting=one.sighting,
        account=accounts.get(account),
        new_account=form.get(f"name-{one.key}", "") if account == NEW else "",
        owner=owners.get(form.get(f"owner-{one.key}", "")),
    )


def _found(request: SignedInRequest) -> tuple[list[Found], list[str]]:
    """By name, and what Slack says where it doesn't list them."""
    workspace, found, errors = request.user.workspace, [], []
    teams = Installation.objects.filter(workspace=workspace, provider=Provider.SLACK, revoked_at=None)
    for installation in teams.select_related("workspace"):
        try:
            listed = public_channels(installation)
        except SlackError as error:
            errors.append(f"{installation.name or installation.external_id}: {in_words(error.code)}")
        else:
            found += [Found(installation, one, is_wanted(workspace, one.name)) for one in listed]
    return sorted(found, key=lambda one: (not one.wanted, not one.sighting.is_shared, one.sighting.name)), errors


def _guess(request: SignedInRequest, found: Found) -> Line:
    workspace = request.user.workspace
    account = guess_account(workspace, found.sighting)
    maker = known(found.installation, [found.sighting.creator_id]).get(found.sighting.creator_id)
    owner = account.owner if account else None
    if owner is None and isinstance(maker, User) and maker.is_active:
        owner = maker
    return Line(found, account, company_name(found.sighting.name, workspace.name), owner or request.user)


def _owners(request: SignedInRequest) -> list[User]:
    return list(User.objects.filter(workspace=request.user.workspace_id, is_active=True))
