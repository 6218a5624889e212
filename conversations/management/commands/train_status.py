"""`manage.py train_status`: makes the numbers of the reply classifier anew."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from conversations import replies
from conversations.chatlog import ChatlogError
from conversations.training import MissingTrainingLibraryError
from conversations.training.replies import train


class Command(BaseCommand):
    """Train on labelled replies."""

    help = "Train the reply classifier on labelled replies (format: manage.py evaluate status --help)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the files, and where to write."""
        parser.add_argument("files", metavar="FILE", nargs="+", type=Path)
        parser.add_argument(
            "--chat", metavar="FILE", type=Path, help="the channel file of labels that come with an id and no text"
        )
        parser.add_argument("--out", metavar="FILE", type=Path, default=replies.NUMBERS)
        parser.add_argument("--seed", type=int, default=0)

    def handle(self, *_: Any, **options: Any) -> None:
        """Train, say the cross-validated figures, write."""
        out: Path = options["out"]
        try:
            numbers = train(options["files"], chat=options["chat"], seed=options["seed"], say=self.stdout.write)
            out.write_text(json.dumps(numbers, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        except (ChatlogError, MissingTrainingLibraryError) as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"Can't write: {error}") from None
        self.stdout.write(f"Wrote {out}.")
