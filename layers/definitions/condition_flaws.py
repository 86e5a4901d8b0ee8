"""What is wrong between the conditions of an amount and the layers that they name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from layers.definitions.checking import hint
from layers.definitions.conditions import Along, ByRoad, Holding, Inside, Matched, Others
from layers.definitions.field import FieldType
from layers.definitions.layer import SYSTEM_COLUMNS, GeometryFamily, LayerDefinition
from layers.definitions.loading import Catalog
from layers.definitions.words import Flaw

#: Checks a filter against a layer; returns what is wrong with it.
FilterCheck = Callable[[str, LayerDefinition], str | None]
#: Columns of the table by region of each analysis, by its name.
RunColumns = Mapping[str, tuple[str, ...]]

_TEXTS = (FieldType.TEXT, FieldType.CODE)
_NUMERIC = (FieldType.INTEGER, FieldType.NUMBER)


@dataclass(frozen=True)
class Known:
    """What a document may name: the layers, columns of runs, and how filters are checked."""

    catalog: Catalog
    run_columns: RunColumns
    check_filter: FilterCheck


def condition_flaws(others: Others, layer: LayerDefinition, known: Known) -> Iterator[Flaw]:
    """Yield what is wrong with one condition on the features of a layer."""
    layers = known.catalog.layers
    other = layers.get(others.layer)
    if other is None:
        yield Flaw(f"there is no layer {others.layer!r}{hint(others.layer, layers)}", "layer")
        return
    if others.where is not None:
        reason = known.check_filter(others.where, other)
        if reason is not None:
            yield Flaw(reason, "where")
    if not isinstance(others, Matched) and GeometryFamily.NONE in (layer.geometry, other.geometry):
        flat = layer if layer.geometry is GeometryFamily.NONE else other
        yield Flaw(f"{flat.name} has no geometry", "layer")
    yield from _own_flaws(others, layer, other, known)


def _own_flaws(
    others: Others, layer: LayerDefinition, other: LayerDefinition, known: Known
) -> Iterator[Flaw]:
    match others:
        case Inside():
            if others.radius is not None:
                yield from field_flaws(other, others.radius, _NUMERIC, "radius")
            elif others.metres is None and other.geometry is not GeometryFamily.POLYGON:
                yield Flaw(f"{other.name} has no areas; metres or radius widen it to some", "layer")
        case Matched():
            yield from field_flaws(other, others.key, _TEXTS, "key")
        case Holding():
            if layer.geometry is not GeometryFamily.POLYGON:
                yield Flaw(f"{layer.name} has no areas that could hold anything", "layer")
        case Along():
            yield from _along_flaws(others, layer, other, known)
        case ByRoad():
            if "roads" not in known.catalog.layers:
                yield Flaw("there is no layer 'roads' to drive on", "layer")


def _along_flaws(
    along: Along, layer: LayerDefinition, other: LayerDefinition, known: Known
) -> Iterator[Flaw]:
    if layer.geometry is not GeometryFamily.LINE:
        yield Flaw(f"{layer.name} has no lines", "layer")
    yield from field_flaws(other, along.key, _TEXTS, "key")
    yield from field_flaws(layer, along.alike, _TEXTS, "alike")
    layers = known.catalog.layers
    for row, name in enumerate(along.among):
        if name not in layers:
            yield Flaw(f"there is no layer {name!r}{hint(name, layers)}", "among", row)
        else:
            yield from field_flaws(layers[name], along.alike, _TEXTS, "among", row)


def field_flaws(
    layer: LayerDefinition, name: str, wanted: tuple[FieldType, ...], *path: str | int
) -> Iterator[Flaw]:
    """Yield what is wrong with a field that a document names."""
    if name in layer.field_names:
        kind = layer.field(name).type
        if kind not in wanted:
            yield Flaw(f"{name} is {kind}; {' or '.join(wanted)} is needed", *path)
    else:
        reason = f"{layer.name} has no field {name!r}{hint(name, layer.field_names)}"
        yield Flaw(reason + ("; system columns do not count" if name in SYSTEM_COLUMNS else ""), *path)
