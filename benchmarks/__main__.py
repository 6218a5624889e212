"""Run the benchmarks: python -m benchmarks [--quick] [NAME ...]. docs/benchmarks.md says what each one measures."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from contextlib import redirect_stdout
from importlib import import_module

import django

from benchmarks.results import BenchmarkError
from benchmarks.surroundings import surroundings
from pylon.embedded import EmbeddedError
from pylon.supervisor import SupervisorError

RATIOS = ["acknowledge", "burst", "board", "search", "analytics"]
NAMES = [*RATIOS, "storm", "grouping"]


def main() -> None:
    parser = ArgumentParser(prog="python -m benchmarks", description="Ratios of medians, measured side by side.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(NAMES)}; without: all of them")
    size = parser.add_mutually_exclusive_group()
    size.add_argument(
        "--quick", action="store_const", const="quick", dest="size", help="a try of a minute, too short to go by"
    )
    size.add_argument("--tiny", action="store_const", const="tiny", dest="size", help="only shows that everything runs")
    given = parser.parse_args()
    if unknown := set(given.names) - set(NAMES):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    run(given.names or (RATIOS if given.size else NAMES), size=given.size or "full")


def run(names: list[str], *, size: str) -> None:
    began = time.monotonic()

    def report(step: str) -> None:
        print(f"[{time.monotonic() - began:5.1f} s] {step}", file=sys.stderr, flush=True)

    with surroundings(report):
        django.setup()
        from benchmarks import mix  # noqa: PLC0415 - models need Django set up
        from pylon import preparation  # noqa: PLC0415

        preparation.migrate(report)
        preparation.collect_static_files(report)
        mix.make_world()
        for name in names:
            report(name)
            benchmark = import_module(f"benchmarks.{name}")
            if name in RATIOS:
                with redirect_stdout(sys.stderr):  # what the servers print
                    result = benchmark.run(size, report)
                print(result, end="\n\n", flush=True)
            else:
                benchmark.run()  # it prints what it found itself
        report("Done")


if __name__ == "__main__":
    try:
        main()
    except (BenchmarkError, EmbeddedError, SupervisorError) as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        sys.exit(130)
