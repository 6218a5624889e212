"""`manage.py evaluate`, with the language model beside the offline decisions where `--model` asks for it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from conversations.chatlog import Chatlog
from conversations.management.commands import evaluate
from conversations.rehearsal import Placed, Rule, figures
from integrations.openai.client import is_configured
from integrations.openai.notebook import Notebook, NotebookError
from integrations.openai.rehearsal import chunks, chunks_by_model, refined_reading, refined_rule

MODEL = "Pylon + model"


class Command(evaluate.Command):
    """Score the decisions on files, on request with those of the model that is set."""

    notebook: Notebook | None = None

    def add_options(self, parser: CommandParser) -> None:
        """Offer the model."""
        model = parser.add_argument_group("the language model of OPENAI_API_KEY, OPENAI_BASE_URL and OPENAI_MODEL")
        model.add_argument("--model", action="store_true", help="ask it where the offline decision is unsure")
        model.add_argument("--budget", type=int, default=500_000, metavar="TOKENS", help="stop there (%(default)s)")
        model.add_argument(
            "--answers", type=Path, metavar="FILE", default=settings.PYLON_HOME / "model-answers.jsonl",
            help="keeps the answers: what was asked before is not asked again (%(default)s)",
        )  # fmt: skip

    def handle(self, *arguments: Any, **options: Any) -> None:
        """Run one of the two."""
        try:
            if options["model"]:
                if not is_configured():
                    raise CommandError("There is no model: set OPENAI_API_KEY, or OPENAI_BASE_URL for one of your own.")
                self.notebook = Notebook(options["answers"], budget=options["budget"], tell=self.stderr.write)
            super().handle(*arguments, **options)
        except NotebookError as error:
            raise CommandError(str(error)) from None
        if self.notebook:
            self.stdout.write(f"{settings.OPENAI_MODEL}: {self.notebook.summary}.")

    def rules(self) -> dict[str, Rule]:
        """The offline rule and, with the model, the refined one."""
        refined = {MODEL: refined_rule(self.notebook)} if self.notebook else {}
        return super().rules() | refined

    def readers(self) -> dict[str, evaluate.Reader]:
        """The same for replies."""
        return super().readers() | ({MODEL: refined_reading(self.notebook)} if self.notebook else {})

    def compare_further(self, channels: Sequence[Chatlog], placed: dict[str, list[list[Placed]]]) -> None:
        """Pieces of 50 messages, each scored by itself, as published zero-shot work does."""
        if not self.notebook:
            return
        by_model = [piece for channel in channels for piece in chunks_by_model(channel, self.notebook)]
        rows = {"model, 50 at once": figures(by_model)}
        for name, all_placed in placed.items():
            scored = ([one for one in each if one.line.conversation is not None] for each in all_placed)
            rows[name] = figures([piece for each in scored for piece in chunks(each)])
        self.stdout.write(f"\n{len(by_model)} pieces of 50 messages, each scored by itself")
        self.table(rows)
