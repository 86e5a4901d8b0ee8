"""``onemap export``: a layer into a GeoPackage."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def export_layer(
    layer: Annotated[str, typer.Argument(help="Layer to write.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="New GeoPackage, e.g. cameras.gpkg.")],
    crs: Annotated[int, typer.Option(help="EPSG code of the coordinates: 4490, 4326, 4547, 4548 …")] = 4490,
    region: Annotated[str | None, typer.Option(help="Only features in this region: a region code.")] = None,
) -> None:
    """Write a layer to a GeoPackage; the file appears only when it is complete."""
    from api.cli.database import city_database
    from api.settings import read_settings
    from layers.database import connect_application
    from layers.definitions.loading import read_catalog
    from layers.exporting import export_geopackage
    from layers.schema.migrating import migrate
    from layers.scope import Scope

    definition = read_catalog().layer(layer)
    with city_database(read_settings()) as addresses:
        migrate(addresses)
        with connect_application(addresses) as connection:
            written = export_geopackage(
                connection,
                definition,
                output,
                scope=Scope.everything("command line"),
                epsg=crs,
                region=region,
            )
    typer.echo(f"{output}: {written:,} features of {definition.title.zh} in EPSG:{crs}")
