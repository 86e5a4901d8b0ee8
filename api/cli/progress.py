"""How far a long work is: one bar a step on a terminal, one line a finished step elsewhere."""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Lock
from types import TracebackType

from rich.cells import set_cell_size
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column

_NAME_WIDTH = 28


@dataclass(slots=True)
class _Step:
    """A step that is under way; on a terminal with its bar."""

    name: str
    began: float
    bar: TaskID | None


class Steps:
    """Told ``(step, share)``, shows each step with a bar.

    A step ends at a share of 1 or when another name is told; an empty name only ends it. Works that go on
    beside each other, in threads of their own, are strands: each has its own step under way.

    Parameters
    ----------
    console : Console, optional
        Where to draw; standard error by default.
    """

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)
        self._bars = Progress(
            TextColumn("{task.description}", table_column=Column(width=_NAME_WIDTH, no_wrap=True)),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            console=self._console,
        )
        self._under_way: dict[str, _Step] = {}
        self._lock = Lock()

    def __enter__(self) -> Steps:
        """Begin to draw."""
        if self._console.is_terminal:
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the steps that are under way, or leave them as they are where one failed; stop drawing."""
        with self._lock:
            for strand in list(self._under_way) if kind is None else ():
                self._finish(strand)
            self._under_way.clear()
        if self._console.is_terminal:
            self._bars.stop()

    def tell(self, step: str, share: float, *, strand: str = "") -> None:
        """Show that a step of a strand is done to this share, 0 to 1."""
        with self._lock:
            known = self._under_way.get(strand)
            if known is None or known.name != step:
                self._finish(strand)
                if not step:
                    return
                bar = self._bars.add_task(step, total=1.0) if self._console.is_terminal else None
                known = self._under_way[strand] = _Step(step, time.monotonic(), bar)
            if known.bar is not None:
                self._bars.update(known.bar, completed=share)
            if share >= 1.0:
                self._finish(strand)

    def _finish(self, strand: str) -> None:
        step = self._under_way.pop(strand, None)
        if step is None:
            return
        if step.bar is not None:
            self._bars.update(step.bar, completed=1.0)
            self._bars.stop_task(step.bar)
        else:
            name = set_cell_size(step.name, _NAME_WIDTH)  # a Chinese character is two cells wide
            self._console.print(f"{name} {time.monotonic() - step.began:6.1f} s", highlight=False)
