"""What Pylon runs on: PostgreSQL, Redis, workers, disk."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from kombu.exceptions import OperationalError

from pylon.celery import app
from pylon.doctor.finding import Finding, advice, good, wrong
from pylon.tasks import ALIVE

MIGRATIONS = "Tables"
PING_SECONDS = 2
LITTLE, VERY_LITTLE = 5 * 1024**3, 1024**3
"""Bytes that are free."""
OLDEST_POSTGRES = 15


def database() -> Finding:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            row = cursor.fetchone()
    except DatabaseError as error:
        return wrong("Database", f"does not answer: {str(error).strip()}", "start PostgreSQL, or correct DATABASE_URL")
    version = str(row[0] if row else "").partition(" ")[0]
    if int(version.partition(".")[0] or 0) < OLDEST_POSTGRES:
        return wrong("Database", f"PostgreSQL {version} is too old", f"use PostgreSQL {OLDEST_POSTGRES} or newer")
    return good("Database", f"PostgreSQL {version} answers")


def redis_server() -> Finding:
    try:
        with redis.Redis.from_url(settings.REDIS_ADDRESS, socket_timeout=2, socket_connect_timeout=2) as server:
            server.ping()
    except (redis.RedisError, OSError) as error:
        return wrong("Redis", f"does not answer: {error}", "start Redis, or correct REDIS_URL")
    return good("Redis", "answers")


def disk() -> Finding:
    try:
        free = shutil.disk_usage(settings.PYLON_HOME).free
    except OSError as error:
        return wrong("Disk", f"{settings.PYLON_HOME}: {error.strerror}", "make the folder, or set PYLON_HOME")
    says = f"{free / 1024**3:.1f} GB are free in {settings.PYLON_HOME}"
    if free < VERY_LITTLE:
        return wrong("Disk", says, "make room: without it nothing can be stored")
    return advice("Disk", says, "make room before long") if free < LITTLE else good("Disk", says)


def migrations() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        yield wrong(MIGRATIONS, f"{len(missing)} migrations are not applied", "run `manage.py migrate`")
    else:
        yield good(MIGRATIONS, "all migrations are applied")


def workers() -> Iterator[Finding]:
    """Worker and scheduler: what the scheduler has a worker note ends after some seconds without it."""
    if cache.get(ALIVE):
        yield good("Worker", "works")
        yield good("Scheduler", "works")
        return
    try:
        answers = app.control.ping(timeout=PING_SECONDS)
    except (OperationalError, redis.RedisError) as error:
        yield wrong("Worker", f"can't be asked: {error}", "correct REDIS_URL")
        return
    if not answers:
        yield wrong("Worker", "none answers: nothing that comes in is worked", "run `manage.py up`, or a worker")
        return
    yield good("Worker", f"{len(answers)} answer{'s' if len(answers) == 1 else ''}")
    yield wrong(
        "Scheduler", "has not been heard of: lost wake-ups are not made good", "run `celery -A pylon beat`, once"
    )
