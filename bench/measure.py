"""Timing side by side: contenders take turns in one run, and what counts is the ratio.

A machine that other work shares is faster in one minute than in the next, so a figure alone means
little. The ratio of two contenders is taken within each round, and the median over the rounds.
"""

import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Pair:
    """Rates (per second) of our way and the plain way, one of each in every round."""

    name: str
    aim: str = ""
    ours: list[float] = field(default_factory=list)
    plain: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """The median over the rounds of ours / plain."""
        return statistics.median(
            ours / plain for ours, plain in zip(self.ours, self.plain, strict=True)
        )

    def shown(self) -> str:
        """One line: both medians, the ratio and its range."""
        ratios = [ours / plain for ours, plain in zip(self.ours, self.plain, strict=True)]
        return (
            f"  {self.name:<44} {statistics.median(self.ours):>9,.0f}/s "
            f"{statistics.median(self.plain):>9,.0f}/s   {self.ratio:5.2f}x "
            f"({min(ratios):.2f}-{max(ratios):.2f}) {self.aim}"
        )


def interleaved(
    pair: Pair, rounds: int, ours: Callable[[int], float], plain: Callable[[int], float]
) -> Pair:
    """Run both contenders once a round, taking turns in who goes first; each returns a rate."""
    for turn in range(rounds):
        contenders = [(ours, pair.ours), (plain, pair.plain)]
        for contender, rates in contenders if turn % 2 == 0 else reversed(contenders):
            rates.append(contender(turn))
    print(pair.shown(), flush=True)
    return pair


def rate(clients: int, acts: Sequence[Callable[[], object]]) -> float:
    """Acts per second when `clients` threads share them out evenly."""
    shares = [acts[index::clients] for index in range(clients)]

    def work(share: Sequence[Callable[[], object]]) -> None:
        for act in share:
            act()

    with ThreadPoolExecutor(clients) as pool:
        started = time.perf_counter()
        for done in [pool.submit(work, share) for share in shares]:
            done.result()
        return len(acts) / (time.perf_counter() - started)


def seconds(act: Callable[[], object]) -> float:
    """How long an act takes."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def peak_memory_mb() -> float:
    """The most memory this process has held so far."""
    status = Path("/proc/self/status")
    if status.exists():
        # Linux also keeps the peak of the program that this process was before exec; not here.
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024 * 1024 if sys.platform == "darwin" else 1024)


def heading(text: str) -> None:
    """Start a section."""
    print(f"\n{text}", flush=True)
