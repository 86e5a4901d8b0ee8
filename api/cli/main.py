"""The command ``onemap``: its groups, and the one place where an error becomes a line on the screen."""

from __future__ import annotations

import sys
from typing import Any

import typer
from typer.core import TyperGroup

from api.cli import (
    analyse,
    answering,
    antennas,
    db,
    exporting,
    importing,
    layers,
    rasters,
    regions,
    site,
    tiles,
    up,
    work,
)
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
        except Exception as error:
            reason = _database_failure(error)
            if reason is None:
                raise
            print(
                f"onemap: the database failed: {reason}; `onemap db status` shows its state", file=sys.stderr
            )
            raise typer.Exit(1) from error


def _database_failure(error: Exception) -> str | None:
    """Return why the database failed in the middle (disk full, stopped), or None for a bug of ours."""
    psycopg = sys.modules.get("psycopg")  # not imported here: a command without database must not wait for it
    original = getattr(error, "orig", error)  # SQLAlchemy wraps what the driver raised
    if psycopg is None or not isinstance(original, psycopg.OperationalError):
        return None
    return str(original).strip().split("\n", 1)[0]


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
app.command("import")(importing.import_files)
app.command("export")(exporting.export_layer)
app.command()(work.work)
app.command(hidden=True)(answering.answer)
app.add_typer(analyse.app, name="analyse")
app.add_typer(antennas.app, name="antennas")
app.add_typer(db.app, name="db")
app.add_typer(layers.app, name="layers")
app.add_typer(rasters.app, name="rasters")
app.add_typer(regions.app, name="regions")
app.add_typer(site.app, name="site")
app.add_typer(tiles.app, name="tiles")
