"""`manage.py train_grouping`: makes the numbers of the linker anew."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from conversations import linking
from conversations.chatlog import ChatlogError, read_chatlogs
from conversations.training import MissingTrainingLibraryError
from conversations.training.linking import train


class Command(BaseCommand):
    """Train on channels with gold labels."""

    help = (
        "Train the linker on a folder of channels with gold conversations and reply links "
        "(format: manage.py evaluate grouping --help). Takes some minutes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder, and where to write."""
        parser.add_argument("folder", metavar="DIR", type=Path)
        parser.add_argument("--out", metavar="FILE", type=Path, default=linking.NUMBERS)
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--processes", type=int, default=2)

    def handle(self, *_: Any, **options: Any) -> None:
        """Train, say how far it is, write."""
        out: Path = options["out"]
        try:
            channels = read_chatlogs(options["folder"])
            numbers = train(channels, seed=options["seed"], processes=options["processes"], say=self.stdout.write)
            out.write_text(json.dumps(numbers, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
        except (ChatlogError, MissingTrainingLibraryError) as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"Can't write: {error}") from None
        self.stdout.write(f"Wrote {out}.")
