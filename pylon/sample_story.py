# ruff: noqa: E501 - what people say is not broken into lines
"""What the sample data tells: five invented companies, what they asked within two weeks, and what we answered.

Times are days and hours before now. `us` is whoever loads the sample; other names are the companies' people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """`thread`: in the thread of the matter's first message. `note`: not said to the customer."""

    days: float
    who: str
    text: str
    thread: bool = True
    note: bool = False


@dataclass(frozen=True, slots=True)
class Matter:
    lines: Sequence[Line]
    tags: Sequence[str] = ()
    priority: str = ""


@dataclass(frozen=True, slots=True)
class Company:
    name: str
    tier: str
    channel: str
    domain: str
    people: Sequence[str]
    matters: Sequence[Matter]


US = "us"

STORY = (
    Company(
        "Acorn Robotics", "Enterprise", "ext-acorn", "acorn.example", ("Priya Nair", "Tom Lindqvist"),
        (
            Matter((
                Line(12.2, "Priya Nair", "Hi! Since this morning our nightly export to S3 has been empty. Is something wrong on your side?"),
                Line(12.15, US, "Taking a look."),
                Line(12.1, US, "The bucket's policy changed last night, so our writes are refused. Can you allow the role again?", note=False),
                Line(11.9, "Priya Nair", "Ah, that was our security team. It is allowed again now."),
                Line(11.85, US, "I just confirmed with the team: the export of today has run and is complete. All fixed."),
                Line(11.8, "Priya Nair", "Perfect, thank you!"),
            ), tags=("exports",)),
            Matter((
                Line(5.3, "Tom Lindqvist", "Can we raise the API limit for our staging key? We hit 429 in load tests."),
                Line(5.2, US, "Let me check with the platform team."),
                Line(5.1, US, "Platform says 200 a second is fine until March.", note=True),
            ), tags=("api", "limits")),
            Matter((
                Line(0.08, "Priya Nair", "Urgent: all robots of the Malmö site show as offline since ten minutes, though they are running."),
            ), tags=("outage",), priority="urgent"),
        ),
    ),
    Company(
        "Bluefin Travel", "Growth", "ext-bluefin", "bluefin.example", ("Marco Conti", "Aisha Rahman"),
        (
            Matter((
                Line(9.4, "Marco Conti", "How do we add a second person to receive the invoices?"),
                Line(9.3, US, "Under Billing, Recipients: you can add up to five addresses there. It takes effect at once."),
                Line(9.2, "Marco Conti", "Found it, thanks"),
            ), tags=("billing",)),
            Matter((
                Line(3.1, "Aisha Rahman", "The German translation of the booking mail still says 'Hotel' for apartments."),
                Line(3.0, US, "Good catch, I'm on it."),
            ), tags=("translations",)),
            Matter((
                Line(0.6, "Aisha Rahman", "Could somebody explain how the cancellation fees are rounded? Finance sees one cent too much."),
            ), tags=("billing",)),
        ),
    ),
    Company(
        "Cedar Health", "Enterprise", "ext-cedar", "cedar.example", ("Dr. Ilse Brandt", "Kenji Mori"),
        (
            Matter((
                Line(8.2, "Kenji Mori", "We need your signed data processing agreement for our audit on Friday."),
                Line(8.0, US, "I have asked our legal team for it."),
                Line(7.2, US, "Here it is, signed: I have just sent it to your address. Done from our side."),
                Line(7.1, "Kenji Mori", "Received. Thanks a lot!"),
            ), tags=("legal",)),
            Matter((
                Line(2.4, "Dr. Ilse Brandt", "Two of our nurses can't sign in with single sign-on since the new certificate."),
                Line(2.35, US, "Looking into it now."),
                Line(1.9, "Dr. Ilse Brandt", "It would help us very much to have this before the weekend shift."),
            ), tags=("sign-in",), priority="high"),
            Matter((
                Line(1.2, "Kenji Mori", "Is there a way to see who opened a patient's file, and when?"),
                Line(1.1, US, "Yes: the audit log under Settings, Security shows every access with its time, and you can export it as CSV."),
            ), tags=("audit",)),
        ),
    ),
    Company(
        "Dunes Energy", "Starter", "ext-dunes", "dunes.example", ("Sofia Marquez",),
        (
            Matter((
                Line(6.5, "Sofia Marquez", "Do you have a webhook when a meter stops reporting?"),
                Line(6.4, US, "Yes, meter.silent. I'll send you an example payload."),
                Line(6.1, US, "Here is the example and the documentation. That should be all you need."),
            ), tags=("api",)),
            Matter((
                Line(0.25, "Sofia Marquez", "Our dashboard loads very slowly today, about 20 seconds for each page."),
                Line(0.2, US, "Thanks for telling us. Checking."),
            ), tags=("performance",)),
        ),
    ),
    Company(
        "Elm Street Books", "Starter", "ext-elmstreet", "elmstreet.example", ("Walter Hughes", "Nina Okafor"),
        (
            Matter((
                Line(13.0, "Walter Hughes", "The ISBN search finds nothing when there are dashes in it."),
                Line(12.8, US, "Thank you, we will fix it this week."),
                Line(10.0, US, "It is fixed and live: dashes and blanks are ignored now."),
                Line(9.9, "Walter Hughes", "Works great"),
            ), tags=("search",)),
            Matter((
                Line(4.6, "Nina Okafor", "Can we get a refund for the seat we booked twice?"),
                Line(4.5, US, "Of course. I have refunded it, you will see it on your card within five days."),
            ), tags=("billing",)),
            Matter((
                Line(0.9, "Nina Okafor", "Is it possible to change the shop's currency to euros later on?"),
            )),
            Matter((
                Line(0.02, "Walter Hughes", "One more thing, the label printer prints everything twice now."),
            )),
        ),
    ),
)  # fmt: skip
