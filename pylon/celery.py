from __future__ import annotations

import logging
import os
from typing import Any

from celery import Celery
from celery.signals import celeryd_init, setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pylon.settings")

app = Celery("pylon")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def _leave_logging_alone(**_known: Any) -> None:
    """The settings have set it up; whoever listens here keeps Celery from adding its own."""


@celeryd_init.connect
def _log_warnings(**_known: Any) -> None:
    """Such as Celery's own when it starts."""
    logging.captureWarnings(capture=True)
