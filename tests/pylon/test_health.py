from __future__ import annotations

import re

import pytest
import redis
from django.conf import LazySettings, settings
from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Channel, Contact, User
from integrations.models import InboundEvent, Provider
from pylon.tasks import ALIVE, beat
from tests import cast

ELSEWHERE = "203.0.113.9"


@pytest.fixture(autouse=True)
def _no_worker(db: None) -> None:
    cache.delete(ALIVE)


def figure(text: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    assert found, f"{name} is missing"
    return float(found[1])


def test_the_process_lives_without_asking_the_database(client: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/healthz").status_code == 200
    assert not len(queries)


def test_ready_once_a_worker_has_answered(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["worker"].startswith("no worker has answered lately")
    beat()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"database": "ok", "broker": "ok", "worker": "ok"})


def test_a_worker_that_stops_is_noticed() -> None:
    beat()
    with redis.Redis.from_url(settings.REDIS_ADDRESS) as server:
        assert 10 < server.ttl(cache.make_key(ALIVE)) <= 60


def test_the_scheduler_sends_the_beat() -> None:
    assert {"task": beat.name, "schedule": 10} in settings.CELERY_BEAT_SCHEDULE.values()


def test_a_broker_that_is_away_is_named_but_not_its_address(client: Client, settings: LazySettings) -> None:
    beat()
    settings.REDIS_ADDRESS = "redis://user:hidden-password@127.0.0.1:1/0"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"database": "ok", "broker": "ConnectionError", "worker": "ok"}


def test_metrics_count_what_waits(client: Client, channel: Channel, contact: Contact) -> None:
    cast.say("It broke.", channel=channel, by=contact)
    InboundEvent.objects.create(provider=Provider.SLACK, external_id="Ev1", kind="message", lane="T:C", body="{}")
    answer = client.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    text = answer.content.decode()
    assert figure(text, "pylon_inbox_waiting") == 1
    assert figure(text, "pylon_inbox_oldest_seconds") >= 0
    assert figure(text, "pylon_inbox_failed") == 0
    assert figure(text, "pylon_events_unpublished") == 2
    assert figure(text, 'pylon_conversations{status="todo"}') == 1
    assert figure(text, 'pylon_conversations{status="closed"}') == 0
    assert figure(text, 'pylon_deliveries{state="failed"}') == 0


def test_each_metric_is_well_formed(client: Client) -> None:
    for line in client.get("/metrics").content.decode().splitlines():
        assert re.fullmatch(r"# (HELP|TYPE) \w+ .+|\w+(\{\w+=\"\w+\"\})? [\d.]+", line)


def test_metrics_are_for_this_machine_and_for_staff(client: Client, dana: User, omar: User) -> None:
    assert client.get("/metrics", REMOTE_ADDR=ELSEWHERE).status_code == 403
    assert client.get("/metrics", headers={"X-Forwarded-For": ELSEWHERE}).status_code == 403
    client.force_login(omar)
    assert client.get("/metrics", REMOTE_ADDR=ELSEWHERE).status_code == 403
    client.force_login(dana)
    assert client.get("/metrics", REMOTE_ADDR=ELSEWHERE).status_code == 200


def test_the_icon_that_browsers_ask_for_by_themselves_is_the_products_own(client: Client) -> None:
    """Whitenoise serves the file in a running Pylon; here its finders say that it is there."""
    answer = client.get("/favicon.ico")
    assert (answer.status_code, answer["Location"]) == (302, "/static/img/logo.svg")
    assert finders.find("img/logo.svg")
