"""How good the offline grouping is beside three simple rules, and what it costs per message.

The figures need channels with gold labels: a folder with subfolders of channel files (`manage.py evaluate grouping
--help` shows the format), named by GROUPING_DATA or found at ../shared/eval/grouping beside the clone.
"""

import os
import time
from collections.abc import Sequence
from pathlib import Path

from conversations.chatlog import Chatlog, read_chatlogs
from conversations.linking_features import WINDOW, Utterance
from conversations.rehearsal import BASELINES, figures, live_rule, rehearse

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "eval" / "grouping"
SETS = {
    "ubuntu": ("dev", "ubuntu"),
    "stripe": ("dev", "stripe"),
    "rust": ("dev", "rust"),
    "mediawiki": ("dev", "mediawiki"),
    "quiet copies": ("sparse", ""),
}
MEASURES = ("VI", "one", "exF")


def run() -> None:
    """Print the table and the cost."""
    data = Path(os.environ.get("GROUPING_DATA", BESIDE))
    if not data.is_dir():
        print(f"No grouping data at {data}; set GROUPING_DATA to measure.")
        return
    rules = {"Pylon": live_rule(), **BASELINES}
    print(f"{'':<14}" + "".join(f"{name:>20}" for name in rules) + f"{'ms a message':>16}")
    print(f"{'':<14}" + f"{' / '.join(MEASURES):>20}" * len(rules))
    for name, (folder, beginning) in SETS.items():
        channels = [one for one in read_chatlogs(data / folder) if one.name.startswith(beginning)]
        cells = ""
        for rule in rules.values():
            values = figures(rehearse(channel, rule) for channel in channels)
            cells += f"{' / '.join(f'{values[measure]:.1f}' for measure in MEASURES):>20}"
        print(f"{name:<14}{cells}{milliseconds(channels):>16.2f}")


def milliseconds(channels: Sequence[Chatlog]) -> float:
    """Measure the processor time of one decision, the messages before it at hand; the median of the channels."""
    decide = live_rule()
    times = []
    for channel in channels:
        said: list[Utterance] = []
        spent = 0.0
        for line in (line for line in channel.lines if not line.system):
            recent = said[-WINDOW:]
            began = time.process_time()
            conversation, _ = decide(line.utterance(), recent)
            spent += time.process_time() - began
            said.append(line.utterance(conversation or line.id))
        times.append(1000 * spent / len(said))
    return sorted(times)[len(times) // 2]
