"""One line per event: for people at a terminal, else as JSON."""

from __future__ import annotations

import re
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

HIDDEN = "(hidden)"
SECRET_NAME = re.compile(r"token|secret|password|authorization|api_?key|cookie|signature|credential", re.IGNORECASE)
SECRET_VALUE = re.compile(
    r"xox[a-z]-[\w-]+|xapp-[\w-]+|\bsk-[\w-]{8,}|(?<=://)[^/@\s:]*:[^/@\s]+(?=@)|(?<=[Bb]earer )\S+"
)


def config(*, json: bool, level: str) -> dict[str, Any]:
    """A LOGGING setting. Also sets structlog up, so that its loggers and the standard ones write alike."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    draw: list[Processor] = (
        [structlog.processors.format_exc_info, hide_secrets, structlog.processors.JSONRenderer(default=str)]
        if json
        else [structlog.processors.format_exc_info, hide_secrets, structlog.dev.ConsoleRenderer()]
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": shared,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *draw],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level.upper()},
        # The model's SDK would log what customers wrote.
        "loggers": {name: {"level": "WARNING"} for name in ("httpx", "httpx2", "httpcore2", "openai", "slack_sdk")},
    }


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
