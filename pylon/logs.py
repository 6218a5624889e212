"""One line per event: for people at a terminal, else as JSON."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from pylon import env

HIDDEN = "(hidden)"
SECRET_NAME = re.compile(r"token|secret|password|authorization|api_?key|cookie|signature|credential", re.IGNORECASE)
SECRET_VALUE = re.compile(
    r"xox[a-z]-[\w-]+|xapp-[\w-]+|\bsk-[\w-]{8,}|(?<=://)[^/@\s:]*:[^/@\s]+(?=@)|(?<=[Bb]earer )\S+"
)


SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
TERSE = ("httpx", "httpx2", "httpcore2", "openai", "slack_sdk", "celery", "websockets")
"""The model's SDK would log what customers wrote, and Celery each task twice."""


def wants_json() -> bool:
    return env.choice("LOG_FORMAT", "TEXT" if sys.stderr.isatty() else "JSON", among=("JSON", "TEXT")) == "JSON"


def config(*, json: bool, level: str) -> dict[str, Any]:
    """A LOGGING setting. Also sets structlog up, so that its loggers and the standard ones write alike."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter, "json": json}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level.upper()},
        "loggers": {name: {"level": "WARNING"} for name in TERSE},
    }


def formatter(*, json: bool | None = None) -> logging.Formatter:
    """Also for the web server, which sets its own logging up: `granian_logs.json` names it."""
    as_json = wants_json() if json is None else json
    draw: Processor = structlog.processors.JSONRenderer(default=str) if as_json else structlog.dev.ConsoleRenderer()
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            hide_secrets,
            draw,
        ],
    )


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Takes out what is named like a secret, and what looks like one inside any text, tracebacks included."""
    return {key: HIDDEN if SECRET_NAME.search(key) else _clean(value) for key, value in event.items()}


def _clean(value: object) -> object:
    if isinstance(value, str):
        return SECRET_VALUE.sub(HIDDEN, value)
    if isinstance(value, dict):
        return {key: HIDDEN if SECRET_NAME.search(str(key)) else _clean(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(inner) for inner in value]
    return value
