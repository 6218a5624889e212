"""Check what commonly goes wrong. Ends with 1 when something is."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from pylon.doctor.finding import Finding, Grade
from pylon.doctor.rounds import findings


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="for programs: a list of objects")

    def handle(self, *, json: bool, **_options: Any) -> None:
        found = self._as_json() if json else self._as_lines()
        if any(finding.grade == Grade.WRONG for finding in found):
            sys.exit(1)

    def _as_lines(self) -> list[Finding]:
        found = []
        for finding in findings():
            fix = f" → {finding.fix}" if finding.fix else ""
            self.stdout.write(f"{finding.grade.mark} {finding.name}: {finding.says}{fix}")
            self.stdout.flush()
            found.append(finding)
        return found

    def _as_json(self) -> list[Finding]:
        found = list(findings())
        self.stdout.write(json.dumps([asdict(finding) for finding in found], indent=2, ensure_ascii=False))
        return found
