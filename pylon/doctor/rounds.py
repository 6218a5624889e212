"""All checks, in the order in which they depend on each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pylon.doctor import channels, configuration, queues, services, sign_in, slack
from pylon.doctor.finding import Finding, Grade

WITH_DATABASE: list[Callable[[], Iterator[Finding]]] = [
    services.migrations, configuration.secrets, slack.findings, sign_in.findings, queues.findings,
    channels.findings,
]  # fmt: skip
WITH_REDIS: list[Callable[[], Iterator[Finding]]] = [services.workers]


def findings() -> Iterator[Finding]:
    """One after the other, as each is found: some take seconds."""
    database, redis = services.database(), services.redis_server()
    yield from (database, redis, services.disk())
    yield from configuration.addresses()
    if redis.grade == Grade.GOOD:
        yield from _each(WITH_REDIS)
    if Grade.WRONG in {database.grade, redis.grade}:
        yield Finding("The rest", Grade.UNKNOWN, "not looked at: it needs the database and Redis")
    else:
        yield from _each(WITH_DATABASE)


def _each(checks: list[Callable[[], Iterator[Finding]]]) -> Iterator[Finding]:
    """A check that finds the tables missing ends its group; what it needs has been said before."""
    for check in checks:
        for finding in check():
            yield finding
            if finding.name == services.MIGRATIONS and finding.grade == Grade.WRONG:
                return
