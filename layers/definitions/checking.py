"""What one model cannot see: a definition against the code lists, and a part against its whole."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from layers.definitions.code_lists import CodeList
from layers.definitions.field import CODED, NUMERIC, Field, FieldType
from layers.definitions.layer import GeometryFamily, LayerDefinition
from layers.definitions.words import Flaw

#: System columns that tiles carry, so that a style or label may read them.
TILE_COLUMNS = ("code", "status")
_STYLE_TYPES = frozenset({FieldType.CODE, FieldType.BOOLEAN, FieldType.TEXT, FieldType.INTEGER})
_CLOSEDNESS = ("public", "internal", "restricted")


def hint(name: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    """Return the names that are meant perhaps, as the end of a sentence; all of them where they are few."""
    near = difflib.get_close_matches(name[:60], list(known), n=3)
    if near:
        return f"; did you mean {' or '.join(near)}?"
    few = sorted(known)
    return f"; there are: {', '.join(few)}" if 0 < len(few) <= 12 else ""


def layer_flaws(layer: LayerDefinition, code_lists: Mapping[str, CodeList]) -> Iterator[Flaw]:
    """Yield what is wrong between a definition and the code lists, and between its style and its tiles."""
    yield from _code_list_flaws(layer, code_lists)
    yield from _tile_flaws(layer)
    yield from _style_flaws(layer, code_lists)
    for part, name in (("time", layer.time), ("begins", layer.begins)):
        if name is None or (part == "time" and name not in layer.field_names):
            continue
        kind = layer.field(name).type if name in layer.field_names else "a column that every layer has"
        if kind not in (FieldType.DATE, FieldType.DATETIME):
            yield Flaw(f"{part} names a field of type date or datetime; {name} is {kind}", part)
    for row, name in enumerate(layer.key):
        if name in layer.field_names and layer.field(name).type in (FieldType.GEOMETRY, FieldType.CODES):
            yield Flaw(f"{name} cannot be part of a key", "key", row)


def _code_list_flaws(layer: LayerDefinition, code_lists: Mapping[str, CodeList]) -> Iterator[Flaw]:
    for row, field in enumerate(layer.fields):
        if field.codes is not None and field.codes not in code_lists:
            reason = f"there is no code list {field.codes!r}{hint(field.codes, code_lists)}"
            yield Flaw(reason, "fields", row, "codes")
    groups = code_lists.get("layer_groups")
    if layer.style is not None and groups is not None and layer.style.group not in groups.values:
        reason = (
            f"{layer.style.group!r} is not a code of layer_groups{hint(layer.style.group, groups.values)}"
        )
        yield Flaw(reason, "style", "group")
    for name, value in (layer.filter or {}).items():
        known = _codes_of(layer, name, code_lists)
        if known is not None and value not in known:
            yield Flaw(f"{value!r} is not a value of {name}{hint(value, known)}", "filter", name)


def _codes_of(
    layer: LayerDefinition, name: str, code_lists: Mapping[str, CodeList]
) -> tuple[str, ...] | None:
    """Return the values that a field may take; None where it is not coded or its list is unknown."""
    codes = name if name in ("status", "provenance") else None
    if name in layer.field_names:
        codes = layer.field(name).codes
    return code_lists[codes].values if codes is not None and codes in code_lists else None


def _tile_flaws(layer: LayerDefinition) -> Iterator[Flaw]:
    for row, field in enumerate(layer.fields):
        if field.tile_from is None:
            continue
        if layer.zoom is None:
            yield Flaw("a layer without geometry has no tiles", "fields", row, "tile_from")
        elif field.tile_from > layer.zoom.max:
            reason = f"tiles of this layer end at zoom {layer.zoom.max} (zoom.max)"
            yield Flaw(reason, "fields", row, "tile_from")


def _style_flaws(layer: LayerDefinition, code_lists: Mapping[str, CodeList]) -> Iterator[Flaw]:
    style = layer.style
    if style is None or layer.zoom is None:
        return
    if style.label is not None:
        reason = _missing_in_tiles(layer, style.label.field, style.label.min_zoom)
        if reason is not None:
            yield Flaw(reason, "style", "label", "field")
    if style.by is None:
        if style.classes:
            yield Flaw("classes need by, the field that chooses among them", "style", "classes")
        return
    reason = _missing_in_tiles(layer, style.by, layer.zoom.min)
    if reason is None and style.by in layer.field_names:
        kind = layer.field(style.by).type
        if kind not in _STYLE_TYPES and not (
            kind is FieldType.NUMBER and all(one.range is not None for one in style.classes)
        ):
            reason = f"by names a field of type {', '.join(sorted(_STYLE_TYPES))}; {style.by} is {kind}"
    if reason is not None:
        yield Flaw(reason, "style", "by")
    else:
        yield from _class_flaws(layer, style.by, code_lists)


def _missing_in_tiles(layer: LayerDefinition, name: str, zoom: float) -> str | None:
    if name in TILE_COLUMNS:
        return None
    if name not in layer.field_names:
        return f"{name} is not in the tiles; of the system columns only {' and '.join(TILE_COLUMNS)} are"
    first = layer.field(name).tile_from
    if first is None or first > zoom:
        return f"{name} is needed in the tiles from zoom {zoom:g}; give the field tile_from {zoom:g} or less"
    return None


def _class_flaws(layer: LayerDefinition, by: str, code_lists: Mapping[str, CodeList]) -> Iterator[Flaw]:
    known = _codes_of(layer, by, code_lists)
    kind = layer.field(by).type if by in layer.field_names else FieldType.TEXT
    wanted = {FieldType.BOOLEAN: bool, FieldType.INTEGER: int}.get(kind, str)
    seen: set[str | bool | int] = set()
    reached = float("-inf")
    for row, style_class in enumerate(layer.style.classes if layer.style is not None else ()):
        if style_class.range is not None:
            low, high = style_class.range
            if kind not in NUMERIC:
                yield Flaw(f"a range needs a number; {by} is {kind}", "style", "classes", row, "range")
            elif (float("-inf") if low is None else low) < reached:
                yield Flaw("ranges go upwards and do not overlap", "style", "classes", row, "range")
            reached = float("inf") if high is None else high
        for column, value in enumerate(style_class.values):
            path = ("style", "classes", row, "values", column)
            if type(value) is not wanted:
                yield Flaw(f"{value!r} is not of type {wanted.__name__}, as {by} is", *path)
            elif known is not None and str(value) not in known:
                yield Flaw(f"{value!r} is not a value of {by}{hint(str(value), known)}", *path)
            elif value in seen:
                yield Flaw(f"{value!r} stands in two classes", *path)
            seen.add(value)


def part_flaws(
    layer: LayerDefinition, layers: Mapping[str, LayerDefinition], code_lists: Mapping[str, CodeList]
) -> Iterator[Flaw]:
    """Yield what is wrong between a part and the layer whose rows it shows."""
    if layer.part_of is None:
        return
    whole = layers.get(layer.part_of)
    if whole is None:
        yield Flaw(f"there is no layer {layer.part_of!r}{hint(layer.part_of, layers)}", "part_of")
        return
    if whole.part_of is not None or whole.name == layer.name:
        yield Flaw(f"{whole.name} is a part itself; name the layer that holds the rows", "part_of")
        return
    if whole.geometry is not layer.geometry and whole.geometry is not GeometryFamily.ANY:
        yield Flaw(f"{whole.name} has geometry {whole.geometry}", "geometry")
    if whole.key != layer.key:
        yield Flaw(f"a part has the key of its whole: [{', '.join(whole.key)}]", "key")
    if _CLOSEDNESS.index(whole.classification) < _CLOSEDNESS.index(layer.classification):
        # The whole shows the rows of every part: were it more open, the part's class would protect nothing.
        yield Flaw(f"{whole.name} shows the same rows and is {whole.classification} only", "classification")
    for row, field in enumerate(layer.fields):
        reason = _field_difference(field, whole, code_lists)
        if reason is not None:
            yield Flaw(reason, "fields", row, "name")


def _field_difference(field: Field, whole: LayerDefinition, code_lists: Mapping[str, CodeList]) -> str | None:
    if field.name not in whole.field_names:
        return f"{whole.name} has no field {field.name!r}{hint(field.name, whole.field_names)}"
    other = whole.field(field.name)
    if (field.type, field.unit) != (other.type, other.unit):
        return f"{field.name} is {other.type} {other.unit or ''} in {whole.name}".replace("  ", " ")
    if field.type in CODED and field.codes != other.codes and field.codes and other.codes:
        mine, theirs = code_lists.get(field.codes), code_lists.get(other.codes)
        lost = sorted(set(mine.values) - set(theirs.values)) if mine and theirs else []
        if lost:
            return f"codes of {field.codes} that {whole.name} does not take: {', '.join(lost)}"
    return None
