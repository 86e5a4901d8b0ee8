"""``onemap rasters``: pictures of heights under the map, and as WMTS."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from layers.raster_style import RasterStyle
from layers.scope import Classification

app = typer.Typer(help="Registered rasters: the relief under the map.", no_args_is_help=False)


@app.callback(invoke_without_command=True)
def main(context: typer.Context) -> None:
    """List the rasters where no command is named."""
    if context.invoked_subcommand is None:
        list_rasters()


@app.command("list")
def list_rasters() -> None:
    """List every raster with its title, style and extent."""
    from rich.table import Table

    from api.cli.tables import show
    from api.settings import read_settings
    from layers.rasters import rasters

    table = Table("raster", "栅格", "title", "style", "class", "west, south, east, north", box=None)
    for raster in rasters(read_settings().home / "rasters").values():
        bounds = ", ".join(f"{side:.4f}" for side in raster.bounds)
        table.add_row(
            raster.name, raster.title.zh, raster.title.en, raster.style, raster.classification, bounds
        )
    show(table)


@app.command("add")
def add_raster(
    file: Annotated[Path, typer.Argument(help="A GeoTIFF of heights.", dir_okay=False)],
    title: Annotated[str, typer.Option(help="Title in Chinese.")],
    title_en: Annotated[str, typer.Option(help="Title in English.")],
    name: Annotated[str | None, typer.Option(help="Name in addresses; that of the file otherwise.")] = None,
    style: Annotated[RasterStyle, typer.Option(help="How heights are drawn.")] = RasterStyle.HILLSHADE,
    source: Annotated[str, typer.Option(help="Who made it and when.")] = "",
    classification: Annotated[Classification, typer.Option(help="Who may see it.")] = Classification.INTERNAL,
    ground: Annotated[
        bool, typer.Option("--ground", help="Analyses take the heights of the ground from it, too.")
    ] = False,
) -> None:
    """Add a raster to the city, or put it in place of the one of the same name; no restart."""
    from api.settings import read_settings
    from layers.definitions.words import Words
    from layers.rasters import register, tags_of

    tags = tags_of(Words(zh=title, en=title_en), style, source, classification)
    made = register(file, read_settings().home / "rasters", name or file.stem.lower(), tags)
    typer.echo(f"{made.name}: /raster/{made.name}/{{z}}/{{x}}/{{y}}.png")
    if ground:
        take_as_ground(made.name)


@app.command("ground")
def take_as_ground(
    name: Annotated[str, typer.Argument(help="A registered raster of heights in metres.")],
) -> None:
    """Let analyses take the heights of the ground from a raster: radio then counts hills."""
    from api.cli.database import administering
    from api.settings import read_settings
    from layers.rasters import raster_of
    from layers.relief import store_relief

    raster = raster_of(read_settings().home / "rasters", name)
    with administering() as connection:
        store_relief(connection, raster.path)
