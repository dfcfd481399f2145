"""Time and peak memory of publishing, per 1,000 families, from a village school to a town: both should stay flat.

Each size has two processes of its own: one saves the roster, the next one publishes an issue into the outbox (who gets
what, rendered, composed, planned on disk) and tells its peak memory. What is done once (compiling the templates)
happens before the clock starts and is told apart.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from bench.schools import FRIDAY, ISSUE, NOW, fill, new_house, open_house
from mailer.edition import ItemShelf
from office.jobs.issues import items_of
from office.jobs.publishing import publish_issue
from office.wiring import House

SIZES = (1_000, 10_000, 100_000)
QUICK_SIZES = (1_000, 5_000)
MOST_MEGABYTES = 250
MOST_TIMES_SLOWER = 1.2
WARM_UP = 20  # guardians: enough for every language of the school
PROC_STATUS = Path("/proc/self/status")

Figures = dict[str, Any]  # Any: numbers, read back from a child's JSON


def measure(sizes: Sequence[int] = SIZES) -> dict[str, Figures]:
    """The figures for the keys `growth` (time) and `growth.memory`."""
    with tempfile.TemporaryDirectory(prefix="ffbench") as name:
        found = {size: one_size(Path(name) / str(size), size) for size in sizes}
    first, last = found[sizes[0]], found[sizes[-1]]
    return {
        "growth": _row("cpu_seconds_per_1000", "s / 1,000 families", first, last, sizes) | _slower(first, last, found),
        "growth.memory": _row("peak_megabytes", "MB", first, last, sizes)
        | {
            "aim": f"≤ {MOST_MEGABYTES} MB",
            "met": all(one["peak_megabytes"] <= MOST_MEGABYTES for one in found.values()),
        },
    }


def _row(field: str, unit: str, first: Figures, last: Figures, sizes: Sequence[int]) -> Figures:
    """The largest school against the smallest."""
    return {
        "value": last[field],
        "unit": unit,
        "peer": f"itself, {sizes[0]:,} families",
        "peer_value": first[field],
        "ratio": round(last[field] / first[field], 2),
    }


def _slower(first: Figures, last: Figures, found: dict[int, Figures]) -> Figures:
    ratio = last["cpu_seconds_per_1000"] / first["cpu_seconds_per_1000"]
    return {
        "aim": f"ratio ≤ {MOST_TIMES_SLOWER}",
        "met": ratio <= MOST_TIMES_SLOWER,
        "sizes": {str(size): figures for size, figures in found.items()},
    }


def one_size(folder: Path, families: int) -> Figures:
    """What a process of its own measured: publishing for so many families."""
    folder.mkdir()
    _child("fill", folder, families)
    figures = json.loads(_child("publish", folder, families))
    for path in folder.iterdir():
        path.unlink()  # a town's outbox is large; the next size needs the room
    return dict(figures)


def _child(deed: str, folder: Path, families: int) -> str:
    command = [sys.executable, "-m", "bench.growth", deed, str(folder), str(families)]
    root = Path(__file__).parents[1]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=root).stdout


# ---- in the child ----


def publish(folder: Path, families: int) -> Figures:
    """The issue published, with what it took."""
    house = open_house(folder)
    began = time.perf_counter()
    _compile(house)
    once, start, cpu = time.perf_counter() - began, time.perf_counter(), time.process_time()
    before = peak_megabytes()
    published = publish_issue(house, ISSUE, NOW)
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu
    house.database.close()
    thousands = families / 1000
    return {
        "families": families,
        "letters": published.planned,
        "seconds_per_1000": round(seconds / thousands, 3),
        "cpu_seconds_per_1000": round(cpu_seconds / thousands, 3),
        "once_seconds": round(once, 3),
        "megabytes_before": round(before, 1),
        "peak_megabytes": round(peak_megabytes(), 1),
    }


def _compile(house: House) -> None:
    """Make a few letters for nobody, so that every template of the issue is compiled."""
    shelf = ItemShelf.of(items_of(house, ISSUE))
    some = islice(house.people.addressees(FRIDAY), WARM_UP)
    for _ in house.publisher.letters(ISSUE, shelf, some, [], NOW):
        pass


def peak_megabytes() -> float:
    """Peak memory of the program that asks.

    getrusage counts what the process was before it became this program, which is its parent's size; Linux tells both.
    """
    if PROC_STATUS.exists():
        lines = PROC_STATUS.read_text("ascii").splitlines()
        peak = next((line for line in lines if line.startswith("VmHWM:")), None)
        if peak:
            return int(peak.split()[1]) / 1024
    scale = 1024**2 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale


def _as_child(deed: str, folder: Path, families: int) -> None:
    if deed == "fill":
        fill(new_house(folder), families)
    else:
        print(json.dumps(publish(folder, families)))


if __name__ == "__main__":
    _as_child(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
