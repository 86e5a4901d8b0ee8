"""A file to the city's layers: read, check, store, all in one transaction or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from geo.errors import BadInput
from layers.city import credit
from layers.definitions import LayerDefinition
from layers.definitions.loading import Catalog
from layers.importing.loading import load
from layers.importing.osm import OsmSummary, read_osm
from layers.importing.refusals import Refusal
from layers.importing.sources import read_vector_file
from layers.importing.tags import read_mapping
from layers.scope import Scope, Verb
from layers.search.index import rebuild

#: Told the share of the file that is done, 0 to 1.
Progress = Callable[[float], None]


@dataclass
class ImportSummary:
    """What an import took and what it refused.

    Attributes
    ----------
    taken : Counter
        Stored features by layer.
    refused : list of Refusal
        Rows that the layer's definition does not allow.
    osm : OsmSummary, optional
        What the reader of an OSM extract refused before that.
    dry_run : bool
        True where everything was checked and nothing stored.
    """

    taken: Counter[str] = field(default_factory=Counter)
    refused: list[Refusal] = field(default_factory=list)
    osm: OsmSummary | None = None
    dry_run: bool = False


def import_osm(
    connection: psycopg.Connection[Any],
    catalog: Catalog,
    path: Path,
    *,
    scope: Scope,
    layers: frozenset[str] | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportSummary:
    """Import an OpenStreetMap extract into the layers that the tag mapping names.

    Parameters
    ----------
    connection : psycopg.Connection
        Of the administrator, who also keeps the search's entries.
    layers : frozenset of str, optional
        Only these layers.
    dry_run : bool
        Check everything, store nothing.

    Returns
    -------
    ImportSummary
        Complete for taken features; refused rows are not stored and listed with their reason.

    Raises
    ------
    Refused
        Where the scope does not let its holder import.
    BadInput
        Where the extract cannot be read to its end; nothing is stored then.
    """
    scope.require(Verb.IMPORT)
    mapping = read_mapping(catalog)
    if layers is not None:
        for name in layers:
            catalog.layer(name)
        mapping = mapping.only(layers)
    extract = OsmSummary()
    summary = ImportSummary(osm=extract, dry_run=dry_run)
    source = f"{mapping.source} ({mapping.licence}): {path.name}"
    with connection.transaction(force_rollback=dry_run):
        for layer, frame in read_osm(path, mapping, catalog, extract, progress):
            definition = catalog.layer(layer)
            loaded = load(
                connection,
                definition,
                catalog.code_lists,
                frame,
                scope=scope,
                source=source,
                on_refusal="skip",
            )
            summary.taken[layer] += loaded.rows
            summary.refused += loaded.refusals
        rebuild(connection, catalog, summary.taken)
        credit(connection, f"© {mapping.source} ({mapping.licence})")
    return summary


def import_vector_file(
    connection: psycopg.Connection[Any],
    catalog: Catalog,
    path: Path,
    definition: LayerDefinition,
    *,
    scope: Scope,
    renames: Mapping[str, str] | None = None,
    datum: str = "auto",
    crs: str | None = None,
    inner_layer: str | None = None,
    encoding: str | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportSummary:
    """Import one layer of a vector file into one of ours.

    Parameters
    ----------
    renames : mapping, optional
        From the file's column to our field, where the names differ. Columns that are no field are left out.
    datum, crs, inner_layer, encoding
        As for `layers.importing.sources.read_vector_file`.

    Returns
    -------
    ImportSummary
        Either every row was taken, or none and ``refused`` says why, row by row.

    Raises
    ------
    Refused
        Where the scope does not let its holder import.
    BadInput
        Where the file cannot be read or placed, or a rename names no column or no field.
    """
    scope.require(Verb.IMPORT)
    frame = read_vector_file(path, datum=datum, crs=crs, inner_layer=inner_layer, encoding=encoding)
    if progress is not None:
        progress(0.3)
    frame = frame.rename(columns=_checked_renames(frame.columns, definition, renames or {}))
    frame = frame[
        [name for name in frame.columns if name in _writable(definition) or name == frame.geometry.name]
    ]
    summary = ImportSummary(dry_run=dry_run)
    with connection.transaction(force_rollback=dry_run):
        loaded = load(
            connection,
            definition,
            catalog.code_lists,
            frame,
            scope=scope,
            source=path.name,
            on_refusal="report",
        )
        summary.taken[definition.name] = loaded.rows
        summary.refused = list(loaded.refusals)
        if loaded.rows:
            rebuild(connection, catalog, [definition.table])
    if progress is not None:
        progress(1.0)
    return summary


def _writable(definition: LayerDefinition) -> frozenset[str]:
    return frozenset((*definition.field_names, "code", "status", "valid_from", "valid_to"))


def _checked_renames(columns: Any, definition: LayerDefinition, renames: Mapping[str, str]) -> dict[str, str]:
    for column, name in renames.items():
        if column not in columns:
            raise BadInput(
                f"the file has no column {column!r}; it has: {', '.join(map(str, columns))}",
                column=column,
                columns=[str(name) for name in columns],
            )
        if name not in _writable(definition):
            raise BadInput(
                f"layer {definition.name} has no field {name!r}", layer=definition.name, field=name
            )
    return dict(renames)
