#!/usr/bin/env python
"""Runs a command: `python manage.py help` lists them.

Where no DATABASE_URL or REDIS_URL is set, the embedded services run for as long as the command does.
"""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from pylon import embedded
from pylon.demo_environment import prepare_environment
from pylon.supervisor import SupervisorError

NEED_NO_DATABASE = {"help", "version", "check", "collectstatic", "demo", "diffsettings", "reset", "up"}
ASK_FOR_HELP = {"-h", "--help", "--version"}


def main(arguments: list[str]) -> None:
    command = arguments[1] if len(arguments) > 1 else "help"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pylon.settings")
    with ExitStack() as stack:
        if command == "demo":
            prepare_environment()
        if command not in NEED_NO_DATABASE and not ASK_FOR_HELP & set(arguments):
            stack.enter_context(
                embedded.services(
                    settings.PYLON_HOME,
                    postgres=not settings.DATABASE_URL,
                    redis=not settings.REDIS_URL,
                    report=lambda step: print(f"{step} ...", file=sys.stderr),
                )
            )
        execute_from_command_line(arguments)


if __name__ == "__main__":
    try:
        main(sys.argv)
    except (ImproperlyConfigured, embedded.EmbeddedError, SupervisorError) as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        sys.exit(130)
