"""`manage.py evaluate`: how good the automatic decisions are, on files with gold labels; or only the decisions."""

import argparse
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Workspace
from conversations.chatlog import Chatlog, ChatlogError, field, read_chatlogs, read_records
from conversations.correction_scoring import score_corrections
from conversations.evaluation import STATUS_LABELS, status_figures
from conversations.rehearsal import BASELINES, Placed, Rule, figures, live_rule, rehearse
from conversations.replies import ReplyKind, Turn, Verdict, classify_reply

Reader = Callable[[str, Sequence[Turn]], Verdict]

GROUPING = """\
Group every message of recorded channels, each by itself and the messages before it, and print the figures
(0 to 100) beside three simple rules.

DIR holds one .jsonl or .jsonl.gz file per channel, one message per line in time order:
  {"id": 7, "ts": 1567685310.0, "user": "nick", "text": "...", "conversation": "c1", "reply_to": [5]}
"conversation" is the gold label; null or missing: the message is read but not scored. Without any gold label
only predictions are written. "system": true marks join and leave lines.

Without DIR, --workspace scores the decisions that people have put right in this installation.
"""
STATUS = """\
Read every reply of the team and print accuracy, macro F1 and the figures of each label.

FILE holds one reply per line:
  {"id": "a1", "context": [{"role": "customer", "text": "..."}], "text": "...", "label": "closed"}
"label" is in_progress, closed, or anything else for replies that are not scored; it may be missing.
"""


class Command(BaseCommand):
    """Score grouping or status on files."""

    help = "Score the offline grouping or status decisions on files with gold labels, or write predictions."

    def add_arguments(self, parser: CommandParser) -> None:
        """Offer one subcommand per kind of decision."""
        kinds = parser.add_subparsers(dest="kind", required=True, metavar="grouping|status")
        plain = argparse.RawDescriptionHelpFormatter
        grouping = kinds.add_parser("grouping", help="which conversation", description=GROUPING, formatter_class=plain)
        grouping.add_argument("folder", metavar="DIR", type=Path, nargs="?")
        grouping.add_argument(
            "--workspace", action="store_true", help="score the corrections made in this installation"
        )
        grouping.add_argument("--out", metavar="DIR", type=Path, help="write predictions, one file per channel")
        status = kinds.add_parser("status", help="does it conclude", description=STATUS, formatter_class=plain)
        status.add_argument("file", metavar="FILE", type=Path)
        status.add_argument("--out", metavar="FILE", type=Path, help="write predictions")
        for each in (grouping, status):
            self.add_options(each)

    def add_options(self, parser: CommandParser) -> None:
        """What an extended command offers beside, for both kinds."""

    def handle(self, *_: Any, **options: Any) -> None:
        """Run one of the two."""
        try:
            if options["kind"] == "grouping" and not (options["folder"] or options["workspace"]):
                raise CommandError("Name a folder of channels, or give --workspace.")
            if options["kind"] == "grouping":
                if options["workspace"]:
                    self._corrections()
                if options["folder"]:
                    self._grouping(options["folder"], options["out"])
            else:
                self._status(options["file"], options["out"])
        except ChatlogError as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"Can't write: {error}") from None

    def _grouping(self, folder: Path, out: Path | None) -> None:
        channels = read_chatlogs(folder)
        rules = self.rules()
        best = list(rules)[-1]
        has_gold = any(line.conversation is not None for channel in channels for line in channel.lines)
        if has_gold:
            rules |= BASELINES
        placed = {name: [rehearse(channel, rule) for channel in channels] for name, rule in rules.items()}
        if out:
            out.mkdir(parents=True, exist_ok=True)
            for channel, messages in zip(channels, placed[best], strict=True):
                _write(out / f"{channel.name}.jsonl", map(_prediction, messages))
            self.stdout.write(f"Wrote {len(channels)} files to {out}.")
        if not has_gold:
            self.stdout.write("No gold labels: nothing to score.")
            return
        scored = sum(line.conversation is not None for channel in channels for line in channel.lines)
        self.stdout.write(f"{len(channels)} channels, {scored} scored messages")
        self.table({name: figures(messages) for name, messages in placed.items()})
        self.compare_further(channels, placed)

    def _corrections(self) -> None:
        for workspace in Workspace.objects.order_by("pk"):
            scores = score_corrections(workspace)
            corrected = sum(count for count, _ in scores.values())
            self.stdout.write(f"{workspace}: people put {corrected} decision{'' if corrected == 1 else 's'} right.")
            for kind, (count, agreed) in scores.items():
                if count:
                    share = f"{100 * agreed / count:.1f} %"
                    self.stdout.write(f"{kind.label:<8} today’s rule agrees in {agreed} of {count} ({share})")

    def rules(self) -> dict[str, Rule]:
        """By their names; the last one's predictions are written."""
        return {"Pylon": live_rule()}

    def compare_further(self, channels: Sequence[Chatlog], placed: dict[str, list[list[Placed]]]) -> None:
        """What an extended command prints beside."""

    def _status(self, file: Path, out: Path | None) -> None:
        replies = [
            (record, field(place, record, "id", (str, int)), field(place, record, "text", str), _turns(place, record))
            for place, record in read_records(file)
        ]
        verdicts = {name: [read(text, turns) for _, _, text, turns in replies] for name, read in self.readers().items()}
        if out:
            best = zip(replies, list(verdicts.values())[-1], strict=True)
            _write(
                out,
                (
                    {"id": id_, "label": _label(verdict), "probability": verdict.probability, "reason": verdict.reason}
                    for (_, id_, _, _), verdict in best
                ),
            )
            self.stdout.write(f"Wrote {len(replies)} lines to {out}.")
        gold = [record.get("label") for record, *_ in replies]
        scored = [number for number, label in enumerate(gold) if label in STATUS_LABELS]
        if not scored:
            self.stdout.write("No gold labels: nothing to score.")
            return
        self.stdout.write(f"{len(scored)} scored replies")
        said = {name: [_label(all_read[n]) for n in scored] for name, all_read in verdicts.items()}
        said["always closed"] = ["closed"] * len(scored)
        self.table({name: status_figures([str(gold[n]) for n in scored], labels) for name, labels in said.items()})

    def readers(self) -> dict[str, Reader]:
        """By their names; the last one's predictions are written."""
        return {"Pylon": classify_reply}

    def table(self, rows: dict[str, dict[str, float]]) -> None:
        names = list(next(iter(rows.values())))
        widths = [max(7, len(name)) + 1 for name in names]
        self.stdout.write(" " * 17 + "".join(f"{name:>{width}}" for name, width in zip(names, widths, strict=True)))
        for title, values in rows.items():
            cells = (f"{values[name]:>{width}.1f}" for name, width in zip(names, widths, strict=True))
            self.stdout.write(f"{title:<17}" + "".join(cells))


def _label(verdict: Verdict) -> str:
    return "closed" if verdict.kind is ReplyKind.CONCLUDES else "in_progress"


def _turns(place: str, record: dict[str, Any]) -> Sequence[Turn]:
    turns = []
    context = record.get("context") or []
    if not isinstance(context, list) or not all(isinstance(turn, dict) for turn in context):
        raise ChatlogError(f"{place}: “context” is to be a list of objects.")
    for turn in context:
        role = turn.get("role")
        if role not in {"customer", "staff"}:
            raise ChatlogError(f"{place}: a role is “customer” or “staff”, not {role!r}.")
        turns.append(Turn(role, field(place, turn, "text", str)))
    return turns


def _prediction(placed: Placed) -> dict[str, Any]:
    return {"id": placed.line.id, "conversation": placed.conversation, "reply_to": placed.answers}


def _write(path: Path, records: Iterable[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records), encoding="utf-8")
