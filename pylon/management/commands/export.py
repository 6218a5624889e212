"""Write everything of a workspace into a folder, as JSON lines for a warehouse.

Interrupted, or with its process killed, the same command goes on after the last complete part. docs/export.md names
the tables and columns.
"""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Workspace
from pylon.exporting.files import ExportError, export
from pylon.exporting.tables import TABLES


class Command(BaseCommand):
    help = __doc__.splitlines()[0]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = __doc__.partition("\n\n")[2]
        parser.add_argument("--workspace", required=True, metavar="NAME", help="its name, in any case, or its id")
        parser.add_argument("--to", required=True, type=Path, metavar="DIR", help="a folder; made if there is none")
        parser.add_argument(
            "--tables", nargs="+", choices=list(TABLES), default=list(TABLES), metavar="TABLE",
            help=f"only these: {', '.join(TABLES)}",
        )  # fmt: skip

    def handle(self, *, workspace: str, to: Path, tables: list[str], **_options: Any) -> None:
        found = _workspace(workspace)
        try:
            manifest = export(found, list(dict.fromkeys(tables)), to, tell=self.stderr.write)
        except KeyboardInterrupt:
            raise CommandError("Interrupted. The same command goes on after the last complete part.") from None
        except (ExportError, OSError) as error:
            raise CommandError(str(error)) from error
        rows = sum(table["rows"] for table in manifest["tables"].values())
        self.stdout.write(f"{found}: {rows:,} rows of {len(manifest['tables'])} tables in {to}")


def _workspace(name: str) -> Workspace:
    found = list(Workspace.objects.filter(name__iexact=name).order_by("pk"))
    if not found and name.isascii() and name.isdecimal():
        found = list(Workspace.objects.filter(pk=int(name)))
    if not found:
        raise CommandError(f"There is no workspace {name}.")
    if len(found) > 1:
        raise CommandError(f"Several are named {name}. Give an id: {', '.join(str(one.pk) for one in found)}.")
    return found[0]
