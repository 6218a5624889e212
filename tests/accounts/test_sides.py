"""Whom the rule takes for a customer, and the reason that it gives."""

from __future__ import annotations

import pytest

from accounts.models import Side
from accounts.sides import Person, Us, home_of, judge

US = Us({"T0ACME", "T0ACME2"}, {"E_ACME"})
CHOOSY = Us({"T0ACME"}, {"E_ACME"}, ["acme.example"])


@pytest.mark.parametrize(
    ("us", "person", "side", "because"),
    [
        (US, Person("T0ACME"), Side.US, "of our Slack team"),
        (US, Person("T0ACME2"), Side.US, "of our Slack team"),
        (US, Person("T0GLOBEX"), Side.CUSTOMER, "Slack team T0GLOBEX is not ours"),
        (US, Person("E_GLOBEX"), Side.CUSTOMER, "Slack organisation E_GLOBEX is not ours"),
        (US, Person(""), Side.CUSTOMER, "Slack does not say of which team"),
        (US, Person("E_ACME"), Side.US, "of our Slack organisation"),
        (US, Person("T0SISTER", "E_ACME"), Side.US, "of our Slack organisation"),
        (US, Person("T0GLOBEX", "E_GLOBEX"), Side.CUSTOMER, "Slack team T0GLOBEX is not ours"),
        (US, Person("E_ACME", "E_GLOBEX"), Side.CUSTOMER, "Slack organisation E_GLOBEX is not ours"),
        (US, Person("T0ACME", is_guest=True), Side.CUSTOMER, "guest of our team"),
        (
            US, Person("T0ACME", email="m@globex.example", is_guest=True), Side.CUSTOMER,
            "guest of our team with an address at globex.example",
        ),
        (
            CHOOSY, Person("T0ACME", email="m@Acme.example", is_guest=True), Side.US,
            "guest of our team with an address at acme.example, which is ours",
        ),
        (
            CHOOSY, Person("T0ACME", email="m@globex.example"), Side.CUSTOMER,
            "of our Slack team with an address at globex.example, which is not ours",
        ),
        (CHOOSY, Person("T0ACME"), Side.US, "of our Slack team"),
        (CHOOSY, Person("T0GLOBEX", email="m@acme.example"), Side.CUSTOMER, "Slack team T0GLOBEX is not ours"),
        (CHOOSY, Person("T0ACME", email="m@notacme.example"), Side.CUSTOMER, "of our Slack team with an address at notacme.example, which is not ours"),  # noqa: E501
    ],
)  # fmt: skip
def test_the_side_and_its_reason(us: Us, person: Person, side: Side, because: str) -> None:
    verdict = judge(person, us)
    assert (verdict.side, verdict.because) == (side, because)


def test_no_organisation_is_nobodys() -> None:
    assert judge(Person("", ""), Us({"T0ACME"}, {""})).side == Side.CUSTOMER
    assert judge(Person("T0GLOBEX", ""), Us({"T0ACME"}, {""})).side == Side.CUSTOMER


def test_the_home_of_our_organisations_other_teams_is_the_organisation() -> None:
    assert home_of(Person("T0SISTER", "E_ACME"), US) == "E_ACME"
    assert home_of(Person("T0ACME", "E_ACME"), US) == "T0ACME"
