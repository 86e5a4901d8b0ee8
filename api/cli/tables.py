"""How the command line prints tables and lists of refusals."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from rich.table import Table

#: Where output is no terminal, rows are not folded at 80 columns: a program reads them.
_UNFOLDED = 400


def show(table: Table) -> None:
    """Print a table at the terminal's width, or unfolded into a file or pipe."""
    Console(width=None if sys.stdout.isatty() else _UNFOLDED, highlight=False).print(table)


def show_some(lines: Iterable[str], most: int = 20) -> None:
    """Print the first lines to standard error and say how many there are more."""
    rest = 0
    for number, line in enumerate(lines):
        if number < most:
            print(f"  {line}", file=sys.stderr)
        else:
            rest += 1
    if rest:
        print(f"  … and {rest} more", file=sys.stderr)
