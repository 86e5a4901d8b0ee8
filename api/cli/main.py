"""The command ``onemap``: its groups, and the one place where an error becomes a line on the screen."""

from __future__ import annotations

import sys
from typing import Any

import typer
from typer.core import TyperGroup

from api.cli import db, up
from geo.errors import OneMapError


class OneMapGroup(TyperGroup):
    """The root of the commands; what went wrong for a known reason ends as one line and exit code 1."""

    def invoke(self, ctx: Any) -> Any:
        """Run the chosen command."""
        try:
            return super().invoke(ctx)
        except OneMapError as error:
            print(f"onemap: {error.message}", file=sys.stderr)
            raise typer.Exit(1) from error


app = typer.Typer(
    name="onemap",
    cls=OneMapGroup,
    help="One Map (一张图): the map service of a city operations centre.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(up.up)
app.command()(up.serve)
app.add_typer(db.app, name="db")
