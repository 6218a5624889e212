"""The page of analytics in a browser: choose, look, drill down, take a file along, print."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Position, expect

from accounts.models import Account, Channel, Contact, User
from tests import cast
from tests.browser.axe import violations
from triage.reckoning import count_all

PAGES = ("/analytics/?period=7", "/analytics/conversations/?figure=new&first=2026-01-01", "/analytics/accounts/?all=1")


@pytest.fixture
def story(channel: Channel, contact: Contact, dana: User) -> None:
    other = cast.make_channel(workspace=channel.workspace, account=cast.make_account(workspace=channel.workspace))
    for hours in (4, 28, 52):
        at = timezone.now() - timedelta(hours=hours)
        asked = cast.say("The export is empty, can you look?", channel=channel, by=contact, at=at)
        cast.say("Fixed now.", channel=channel, by=dana, at=at + timedelta(minutes=30), thread_ts=asked.ts)
    cast.say("Is there an API?", channel=other, by=contact, at=timezone.now() - timedelta(hours=30))
    count_all()


@pytest.mark.usefixtures("story")
def test_from_a_filter_to_the_conversations(
    open_as: Callable[..., Page], dana: User, account: Account, tmp_path: Path
) -> None:
    page = open_as(dana, "/analytics/?period=7")
    charts = page.locator("canvas")
    expect(charts.first).to_be_visible()
    page.wait_for_function("document.querySelector('canvas').width > 300")  # drawn by the library

    page.get_by_text("Account", exact=True).first.click()
    page.get_by_role("checkbox", name=account.name, exact=True).check()
    page.keyboard.press("Escape")
    page.wait_for_url(f"**account={account.pk}*")
    expect(page.get_by_role("link", name="New: 3. Show the conversations")).to_be_visible()

    page.get_by_role("navigation", name="By what").get_by_role("link", name="Account").click()
    expect(page.get_by_role("row", name=account.name)).to_be_visible()
    page.wait_for_url("**by=account*")
    with page.expect_download() as download:
        page.locator("#breakdown").get_by_role("link", name="CSV").click()
    download.value.save_as(tmp_path / "table.csv")
    assert account.name in (tmp_path / "table.csv").read_text("utf-8-sig")

    page.locator(".chart-volume canvas").click(position=_over_last_bar(page))
    page.wait_for_url("**/analytics/conversations/**")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.go_back()
    hours = page.locator(".heat-map a")
    hours.first.focus()
    page.keyboard.press("ArrowDown")
    assert page.locator(".heat-map a[tabindex='0']").count() == 1


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out(open_as: Callable[..., Page], dana: User, scheme: str) -> None:
    for path in PAGES:
        # axe looks by setting styles, which our policy forbids
        page = open_as(dana, path, bypass_csp=True, color_scheme=scheme, reduced_motion="reduce")
        assert violations(page) == [], path


def _over_last_bar(page: Page) -> Position:
    """The bar of what is new on the last day with any, as the library has placed it."""
    found: Position = page.evaluate(
        """() => {
            const chart = Chart.getChart(document.querySelector('.chart-volume canvas'));
            const values = chart.data.datasets[0].data;
            const { x, y, base } = chart.getDatasetMeta(0).data[values.findLastIndex((value) => value === 1)];
            return { x, y: (y + base) / 2 };
        }"""
    )
    return found
