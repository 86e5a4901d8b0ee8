"""``onemap import``: files into layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.tables import show_some
from geo.errors import BadInput

if TYPE_CHECKING:
    import psycopg

    from layers.definitions.loading import Catalog
    from layers.importing.files import ImportSummary

_OSM = (".osm.pbf", ".osm", ".osm.bz2", ".osm.gz")


def import_files(
    files: Annotated[
        list[Path], typer.Argument(help="OSM extracts, GeoPackage, GeoJSON, Shapefile, FlatGeobuf.")
    ],
    layer: Annotated[
        str | None, typer.Option(help="Layer that takes the rows; an OSM extract fills several.")
    ] = None,
    datum: Annotated[str, typer.Option(help="auto, cgcs2000, wgs84, gcj02 or bd09.")] = "auto",
    crs: Annotated[str | None, typer.Option(help="Coordinate system, where the file names none.")] = None,
    inner_layer: Annotated[str | None, typer.Option(help="Which layer of a file that holds several.")] = None,
    encoding: Annotated[str, typer.Option(help="Of the texts, e.g. gb18030.")] = "auto",
    renames: Annotated[
        list[str] | None, typer.Option("--map", help="COLUMN=FIELD, as often as needed.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything and store nothing.")] = False,
) -> None:
    """Import files. Each file is stored whole or not at all; what is refused is listed with its reason."""
    from api.cli.database import city_database
    from api.cli.progress import Steps
    from api.settings import read_settings
    from layers.city import ensure_card, loaded_extent
    from layers.database import admin_connection
    from layers.definitions.loading import read_catalog
    from layers.schema.migrating import migrate

    catalog = read_catalog()
    how = FileOptions(
        datum, crs, inner_layer, None if encoding == "auto" else encoding, _renames(renames or [])
    )
    failed = False
    with city_database(read_settings()) as addresses:
        migrate(addresses)
        for path in files:
            with admin_connection(addresses) as connection:
                with Steps() as steps:
                    tell = partial(steps.tell, f"Import {path.name}")
                    tell(0.0)
                    summary = _import(connection, catalog, path, layer, how, dry_run, tell)
                failed |= _show(path, summary)
                if not dry_run:
                    ensure_card(connection, path.name.split(".")[0], loaded_extent(connection))
    if failed:
        raise typer.Exit(1)


@dataclass(frozen=True)
class FileOptions:
    """How a vector file is to be read."""

    datum: str
    crs: str | None
    inner_layer: str | None
    encoding: str | None
    renames: Mapping[str, str]


def _renames(pairs: list[str]) -> dict[str, str]:
    renames = {}
    for pair in pairs:
        column, equals, field = pair.partition("=")
        if not (column and equals and field):
            raise BadInput(f"--map takes COLUMN=FIELD, not {pair!r}", pair=pair)
        renames[column] = field
    return renames


def _import(
    connection: psycopg.Connection[Any],
    catalog: Catalog,
    path: Path,
    layer: str | None,
    how: FileOptions,
    dry_run: bool,
    tell: Callable[[float], None],
) -> ImportSummary:
    from layers.importing.files import import_osm, import_vector_file
    from layers.importing.sources import DATUM_CHOICES
    from layers.scope import Scope

    scope = Scope.everything("command line")
    if path.name.lower().endswith(_OSM):
        only = frozenset({layer}) if layer else None
        return import_osm(connection, catalog, path, scope=scope, layers=only, dry_run=dry_run, progress=tell)
    if layer is None:
        raise BadInput(
            f"say which layer takes {path.name}: --layer NAME (`onemap layers` lists them)", file=path.name
        )
    if how.datum not in DATUM_CHOICES:
        raise BadInput(f"--datum takes {', '.join(DATUM_CHOICES)}, not {how.datum!r}", datum=how.datum)
    return import_vector_file(
        connection,
        catalog,
        path,
        catalog.layer(layer),
        scope=scope,
        renames=how.renames,
        datum=how.datum,
        crs=how.crs,
        inner_layer=how.inner_layer,
        encoding=how.encoding,
        dry_run=dry_run,
        progress=tell,
    )


def _show(path: Path, summary: ImportSummary) -> bool:
    """Print what was taken and what refused; return whether the file as a whole was refused."""
    would = "would be taken" if summary.dry_run else "taken"
    for layer, count in sorted(summary.taken.items()):
        typer.echo(f"{path.name}: {layer}: {count:,} {would}")
    if summary.osm is not None:
        for (layer, reason), count in sorted(summary.osm.refused_count.items()):
            typer.echo(f"{path.name}: {layer}: {count:,} refused ({reason})", err=True)
        show_some(
            f"{one.layer}: {one.detail}" + (f" ({one.name})" if one.name else "")
            for one in summary.osm.refused
        )
        if summary.osm.unread:
            total = sum(summary.osm.unread.values())
            typer.echo(f"{path.name}: {total:,} values were not understood and stay unknown", err=True)
            show_some(f"{text} × {count}" for text, count in summary.osm.unread.most_common(5))
    if summary.refused:
        rows = len({one.row for one in summary.refused})
        told = f"{path.name}: {len(summary.refused):,} faults in {rows:,} rows"
        whole = "" if summary.osm else ", so nothing of the file is taken: mend them and import it again"
        typer.echo(told + whole, err=True)
        show_some(
            f"row {one.row}, {one.field or 'row'}: {one.value!r} ({one.reason})"
            + (f", allowed is {one.allowed}" if one.allowed else "")
            for one in summary.refused
        )
    return bool(summary.refused) and summary.osm is None
