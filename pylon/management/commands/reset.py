"""Stop the Pylon that runs from PYLON_HOME and delete that folder, with all data in it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from pylon import embedded, pidfile


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def handle(self, **_options: Any) -> None:
        home = settings.PYLON_HOME
        if not home.exists():
            self.stdout.write(f"Nothing to remove: there is no {home}.")
            return
        if not embedded.is_home(home):
            raise embedded.EmbeddedError(f"{home} doesn't look like a folder of Pylon's: nothing was removed.")
        if pidfile.stop_running(home):
            self.stdout.write("Stopped the running Pylon.")
        embedded.delete(home)
        self.stdout.write(f"Removed {home} with all data in it.")
        if settings.DATABASE_URL:
            self.stdout.write("What DATABASE_URL names was left alone.")
