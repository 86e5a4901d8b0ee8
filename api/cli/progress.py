"""How far a long work is: one bar a step on a terminal, one line a finished step elsewhere."""

from __future__ import annotations

import time
from types import TracebackType

from rich.cells import set_cell_size
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column

_NAME_WIDTH = 28


class Steps:
    """Told ``(step, share)``, shows each step with a bar.

    A step begins where the one before it ends, and ends at a share of 1 or when another name is told; an
    empty name only ends it.

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
        self._name: str | None = None
        self._task: TaskID | None = None
        self._began = time.monotonic()

    def __enter__(self) -> Steps:
        """Begin to draw."""
        if self._console.is_terminal:
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the step that is under way, or leave it as it is where it failed, and stop drawing."""
        if kind is None:
            self._finish()
        if self._console.is_terminal:
            self._bars.stop()

    def tell(self, step: str, share: float) -> None:
        """Show that a step is done to this share, 0 to 1."""
        if step != self._name:
            self._finish()
            if not step:
                return
            self._name = step
            if self._console.is_terminal:
                self._task = self._bars.add_task(step, total=1.0)
        if self._task is not None:
            self._bars.update(self._task, completed=share)
        if share >= 1.0:
            self._finish()

    def _finish(self) -> None:
        if self._name is None:
            return
        if self._task is not None:
            self._bars.update(self._task, completed=1.0)
            self._bars.stop_task(self._task)
        else:
            name = set_cell_size(self._name, _NAME_WIDTH)  # a Chinese character is two cells wide
            self._console.print(f"{name} {time.monotonic() - self._began:6.1f} s", highlight=False)
        self._name, self._task, self._began = None, None, time.monotonic()
