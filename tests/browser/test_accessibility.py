"""Every page, in both schemes and at a desk's and a phone's width: nothing that axe finds, nothing beyond the edge."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from accounts.models import Channel, Contact, User
from tests import cast
from tests.browser.axe import violations

OpenAs = Callable[..., Page]

PAGES = [
    "/board/",
    "/accounts/",
    "/settings/",
    "/settings/me/",
    "/settings/slack/",
    "/settings/channels/",
    "/settings/grouping/",
    "/settings/history/",
    "/settings/deliveries/",
    "/settings/model/",
    "/settings/targets/",
    "/settings/triage/",
    "/settings/team/",
    "/settings/security/",
    "/settings/integrations/",
    "/settings/weekly/",
    "/search/?q=export",
    "/analytics/",
    "/analytics/accounts/",
    "/accounts/import/",
    "/accounts/duplicates/",
    "/board/?lanes=owner&owner=mine&waiting=0",
    "/api/docs/",
]


def test_no_page_keeps_anybody_out(open_as: OpenAs, channel: Channel, contact: Contact, dana: User) -> None:
    User.objects.filter(pk=dana.pk).update(role="admin", is_staff=True)
    said = cast.say("The export is empty", channel=channel, by=contact)
    assert said.conversation.account
    pages = [*PAGES, said.conversation.get_absolute_url(), f"/accounts/{said.conversation.account_id}/"]
    found: list[str] = []
    # German, as its words are long: what fits in it fits in English.
    for scheme, width, locale in (("light", 1440, "en-US"), ("dark", 390, "de-DE")):
        page = open_as(
            dana,
            color_scheme=scheme,
            locale=locale,
            viewport={"width": width, "height": 900},
            reduced_motion="reduce",
            bypass_csp=True,  # axe looks by setting styles, which our policy forbids
        )
        for path in pages:
            answer = page.goto(path)
            assert answer
            assert answer.status == 200, path
            expect(page.locator("h1")).to_be_visible()
            found += [f"{path} ({scheme}, {width}): {line}" for line in violations(page)]
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append(f"{path} ({scheme}, {width}): wider than the window")
    assert found == []
