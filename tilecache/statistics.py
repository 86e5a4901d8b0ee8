"""What happened to requests for tiles, counted, and as Prometheus text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

#: Media type of the text (Prometheus exposition format 0.0.4).
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


class Result(StrEnum):
    """How a request for one layer's tile was answered.

    ``stale`` was answered with an old tile, ``coalesced`` waited for a drawing that another request had
    begun, ``error`` had no tile to answer with.
    """

    HIT = "hit"
    MISS = "miss"
    COALESCED = "coalesced"
    STALE = "stale"
    ERROR = "error"


@dataclass
class Statistics:
    """Counters of one process.

    Attributes
    ----------
    requests : mapping of (layer, zoom, Result) to int
        Requests, by layer: a tile of three layers counts for each of them.
    drawn, seconds : mapping of (layer, zoom) to number
        Tiles drawn from the database, and the time that took.
    """

    requests: dict[tuple[str, int, Result], int] = field(default_factory=lambda: defaultdict(int))
    drawn: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    seconds: dict[tuple[str, int], float] = field(default_factory=lambda: defaultdict(float))

    def count(self, layer: str, zoom: int, result: Result) -> None:
        """Count one request."""
        self.requests[layer, zoom, result] += 1

    def add_drawing(self, layer: str, zoom: int, seconds: float) -> None:
        """Count one tile that was drawn."""
        self.drawn[layer, zoom] += 1
        self.seconds[layer, zoom] += seconds

    def total(self, result: Result) -> int:
        """Return all requests with a result."""
        return sum(number for (_, _, one), number in self.requests.items() if one is result)

    def families(self) -> list[Family]:
        """Return everything that is counted."""
        requests = tuple(
            Sample("", {"layer": layer, "zoom": str(zoom), "result": str(result)}, number)
            for (layer, zoom, result), number in sorted(self.requests.items())
        )
        drawn = tuple(
            Sample(suffix, {"layer": layer, "zoom": str(zoom)}, value)
            for (layer, zoom), number in sorted(self.drawn.items())
            for suffix, value in (("_count", number), ("_sum", self.seconds[layer, zoom]))
        )
        return [
            Family("tile_requests_total", "counter", "Requests for a layer's tile, by result.", requests),
            Family("tile_draw_seconds", "summary", "Seconds of drawing a tile.", drawn),
        ]


class Sample(NamedTuple):
    """A number with its labels; the suffix tells parts of a summary apart."""

    suffix: str
    labels: dict[str, str]
    value: float


class Family(NamedTuple):
    """Samples that mean the same, under a name without prefix."""

    name: str
    kind: str
    about: str
    samples: tuple[Sample, ...]


def gauge(name: str, about: str, value: float) -> Family:
    """Return something measured now."""
    return Family(name, "gauge", about, (Sample("", {}, value),))


def exposition(processes: Mapping[str, Iterable[Family]]) -> str:
    """Return what processes count as Prometheus text.

    Parameters
    ----------
    processes : mapping of str to iterable of Family
        By the value of the label ``process``; an empty one is not printed.

    Examples
    --------
    >>> found = Statistics()
    >>> found.count("cameras", 12, Result.HIT)
    >>> print(exposition({"": found.families()}).splitlines()[2])
    onemap_tile_requests_total{layer="cameras",zoom="12",result="hit"} 1
    """
    heads: dict[str, list[str]] = {}
    for process, families in processes.items():
        own = {"process": process} if process else {}
        for name, kind, about, samples in families:
            lines = heads.setdefault(name, [f"# HELP onemap_{name} {about}", f"# TYPE onemap_{name} {kind}"])
            for suffix, labels, value in samples:
                # Names of layers and results are plain words: nothing to escape.
                inside = ",".join(f'{label}="{text}"' for label, text in {**own, **labels}.items())
                lines.append(f"onemap_{name}{suffix}{f'{{{inside}}}' if inside else ''} {value!r}")
    return "\n".join(line for lines in heads.values() for line in lines) + "\n"
