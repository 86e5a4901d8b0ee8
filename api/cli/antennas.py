"""``onemap antennas``: patterns that predictions of radio stand on beside the layers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from geo.errors import BadInput

app = typer.Typer(help="Antenna patterns that sectors name in their field `pattern`.", no_args_is_help=True)


@app.command("add")
def add(
    files: Annotated[list[Path], typer.Argument(help="MSI, PLN or PRN of Planet, ANT of Radio Mobile.")],
    name: Annotated[
        str | None, typer.Option(help="What sectors call it; the file's name without suffix otherwise.")
    ] = None,
    gain_dbi: Annotated[float | None, typer.Option(help="For ANT files, which do not hold it.")] = None,
) -> None:
    """Read antenna files and keep their patterns; all or none."""
    from api.cli.database import administering
    from layers.antennas import SIZE_LIMIT, store_antenna
    from layers.scope import Scope

    if name is not None and len(files) > 1:
        raise BadInput("--name is for one file", count=len(files))
    scope = Scope.everything("command line")
    with administering() as connection:
        for path in files:
            try:
                with path.open("rb") as file:
                    data = file.read(SIZE_LIMIT + 1)
            except OSError as error:
                raise BadInput(f"{path} cannot be read: {error.strerror}", file=path.name) from error
            try:
                found = store_antenna(connection, name or path.stem, data, scope=scope, gain_dbi=gain_dbi)
            except BadInput as error:
                raise BadInput(f"{path.name}: {error.message}", **error.details) from error
            typer.echo(f"{name or path.stem}: {found.pattern.gain_dbi:g} dBi, {found.pattern.name}")


@app.command("list")
def list_them(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """List the patterns with gain, frequency and electrical tilt."""
    from api.cli.database import administering
    from layers.antennas import SETTING
    from layers.city import read_setting

    with administering() as connection:
        kept = read_setting(connection, SETTING) or {}
    shown = ("title", "gain_dbi", "frequency_mhz", "electrical_tilt_deg")
    if as_json:
        typer.echo(json.dumps({n: {key: one[key] for key in shown} for n, one in kept.items()}, indent=2))
        return
    from rich.table import Table

    from api.cli.tables import show

    table = Table("name", "antenna", "dBi", "MHz", "tilt", box=None)
    for one_name, one in sorted(kept.items()):
        table.add_row(one_name, *("" if one[key] is None else f"{one[key]}" for key in shown))
    show(table)


@app.command("remove")
def remove(name: Annotated[str, typer.Argument(help="As sectors call it.")]) -> None:
    """Forget a pattern."""
    from api.cli.database import administering
    from layers.antennas import remove_antenna
    from layers.scope import Scope

    with administering() as connection:
        remove_antenna(connection, name, scope=Scope.everything("command line"))
