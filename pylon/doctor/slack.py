"""The Slack connection: the same facts as on its settings page."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.exceptions import ImproperlyConfigured

from integrations.models import Installation, Provider
from integrations.slack import checklist
from integrations.slack.client import SlackError, call_with_token
from integrations.slack.credentials import apps
from pylon.doctor.finding import Finding, Grade, good, wrong

GRADES = {
    checklist.State.GOOD: Grade.GOOD,
    checklist.State.WAITING: Grade.ADVICE,
    checklist.State.WRONG: Grade.WRONG,
}


def findings() -> Iterator[Finding]:
    reach = _reach()
    yield reach
    try:
        known = apps()
        installations = list(Installation.objects.filter(provider=Provider.SLACK).select_related("slack_app"))
    except ImproperlyConfigured:
        return  # said of SECRET_KEY already
    if not any(app.signing_secret or app.app_token for app in known):
        yield wrong(
            "Slack app", "no signing secret and no app-level token: Slack can tell us nothing",
            "paste the app's credentials on /settings/slack/",
        )  # fmt: skip
    yield _finding("Slack", checklist.address())
    if not installations:
        yield wrong("Slack", "no Slack workspace is connected", "install the app on /settings/slack/")
    elif reach.grade == Grade.GOOD:
        for installation in installations:
            name = f"Slack {installation.name or installation.external_id}"
            yield from (_finding(name, fact) for fact in checklist.facts(installation, asks_anew=True))


def _reach() -> Finding:
    try:
        call_with_token("", "api.test")
    except SlackError as error:
        return wrong("Slack reachable", f"no: {error.code}", "let this machine reach SLACK_API_URL, or set HTTPS_PROXY")
    return good("Slack reachable", "yes")


def _finding(team: str, fact: checklist.Fact) -> Finding:
    return Finding(f"{team}: {fact.name}", GRADES[fact.state], fact.says, fact.fix)
