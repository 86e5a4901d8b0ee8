"""One layer: the document that everything about it is derived from."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import model_validator

from layers.definitions.code_lists import Name
from layers.definitions.field import Field, FieldType, Zoom
from layers.definitions.style import Style
from layers.definitions.words import Document, Flaw, Phrase, Words
from layers.scope import Classification

#: Columns that every layer table has; a definition may not name a field like one of them.
SYSTEM_COLUMNS = (
    "id", "code", "client_key", "geom", "geom_3857", "region_code", "region_codes", "status", "provenance",
    "valid_from", "valid_to", "source", "updated_at", "version",
)  # fmt: skip

#: Names with a meaning of their own in queries (OGC), files (GeoPackage, GeoJSON, frames) or tables.
RESERVED_NAMES = frozenset({
    "after", "bbox", "crs", "cursor", "datetime", "f", "fid", "filter", "geom_clearance", "geometry", "lang",
    "limit", "ogc_fid", "offset", "properties", "q", "sortby",
})  # fmt: skip

UpdateCycle = Literal["live", "daily", "weekly", "monthly", "quarterly", "yearly", "on_change"]


class GeometryFamily(StrEnum):
    """Which geometries a layer takes. ``line`` and ``polygon`` include their multi forms."""

    POINT = "point"
    LINE = "line"
    POLYGON = "polygon"
    ANY = "any"
    NONE = "none"


class Zooms(Document):
    """Zooms at which tiles of the layer exist."""

    min: Zoom
    max: Zoom

    @model_validator(mode="after")
    def _in_order(self) -> Zooms:
        if self.min > self.max:
            raise Flaw(f"zoom.min {self.min} is greater than zoom.max {self.max}", "min")
        return self


class LayerDefinition(Document):
    """The definition of one layer.

    Attributes
    ----------
    classification : Classification
        Who may open it: everyone, every signed-in user, or holders of the verb and the region.
    scope : {"city", "region"}
        ``region`` cuts an internal layer by the reader's regions too.
    key : tuple of str
        Fields that together are the natural key; ``("code",)`` unless the code is unique only within another.
    part_of, filter : optional
        The layer is a part of another one: rows of its table whose fields equal the filter's values.
    time : str, optional
        Field that the OGC ``datetime`` parameter reads; ``valid_from``/``valid_to`` where it is left out.
    begins : str, optional
        Field of type date or datetime that says from when a feature is there (opened, laid, installed on),
        where ``valid_from`` does not: the map of an earlier day leaves the feature out.
    freshness : {"fresh_first", "stale_while_revalidate"}
        What a reader gets while a tile that has changed is drawn anew: a moment's wait, or the old tile at
        once, with its age; the second is for what nobody acts on.
    data_level : {"core", "important", "general"}
        Data level of GB/T 43697-2024, beside the access classification.
    """

    name: Name
    title: Words
    description: Words
    geometry: GeometryFamily
    classification: Classification
    scope: Literal["city", "region"] = "city"
    owner: Words
    steward: Words | None = None
    update_cycle: UpdateCycle = "on_change"
    sharing: Literal["unconditional", "conditional", "none"] = "conditional"
    data_level: Literal["core", "important", "general"] = "general"
    source: Phrase
    licence: Phrase
    key: tuple[Name, ...] = ("code",)
    part_of: Name | None = None
    filter: dict[Name, str] | None = None
    time: Name | None = None
    begins: Name | None = None
    label: Name | None = None
    zoom: Zooms | None = None
    freshness: Literal["fresh_first", "stale_while_revalidate"] = "fresh_first"
    style: Style | None = None
    fields: tuple[Field, ...]

    @model_validator(mode="after")
    def _parts_agree(self) -> LayerDefinition:
        self._check_field_names()
        self._check_named_fields()
        if self.part_of is not None and not self.filter:
            raise Flaw("a part names the rows that it shows in filter", "part_of")
        if self.part_of is None and self.filter is not None:
            raise Flaw("filter goes with part_of", "filter")
        if self.geometry is GeometryFamily.NONE:
            for part in ("zoom", "style"):
                if getattr(self, part) is not None:
                    raise Flaw(f"a layer without geometry has no {part}", part)
        elif self.zoom is None or self.style is None:
            raise Flaw("a layer with geometry has zoom and style", "geometry")
        return self

    def _check_field_names(self) -> None:
        seen: set[str] = set()
        for row, field in enumerate(self.fields):
            if field.name in seen:
                raise Flaw(f"field {field.name!r} stands twice", "fields", row, "name")
            if field.name in SYSTEM_COLUMNS:
                raise Flaw(
                    f"{field.name!r} is a column that every layer has; do not define it",
                    "fields",
                    row,
                    "name",
                )
            if field.name in RESERVED_NAMES:
                raise Flaw(
                    f"{field.name!r} has a meaning of its own in queries or files; choose another name",
                    "fields", row, "name",
                )  # fmt: skip
            seen.add(field.name)

    def _check_named_fields(self) -> None:
        named: list[tuple[str, tuple[str | int, ...]]] = [
            (name, ("key", row)) for row, name in enumerate(self.key)
        ]
        named += [
            (name, (part,))
            for part in ("time", "begins", "label")
            if (name := getattr(self, part)) is not None
        ]
        named += [(name, ("filter", name)) for name in self.filter or {}]
        if self.style is not None and self.style.by is not None:
            named.append((self.style.by, ("style", "by")))
        if self.style is not None and self.style.label is not None:
            named.append((self.style.label.field, ("style", "label", "field")))
        known = {*self.field_names, *SYSTEM_COLUMNS}
        for name, path in named:
            if name not in known:
                raise Flaw(f"{name!r} is neither a field of this layer nor a system column", *path)
        if not self.key or len(set(self.key)) != len(self.key):
            raise Flaw("the key is one or more different fields", "key")

    @property
    def table(self) -> str:
        """Name of the table in schema ``city`` that holds the rows."""
        return self.part_of or self.name

    def field(self, name: str) -> Field:
        """Return the field of this name; KeyError where there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)

    @property
    def field_names(self) -> tuple[str, ...]:
        """Names of the fields in the order of the document."""
        return tuple(field.name for field in self.fields)

    @property
    def geometry_fields(self) -> tuple[Field, ...]:
        """Fields that hold a second geometry (the target geometry of a key place)."""
        return tuple(field for field in self.fields if field.type is FieldType.GEOMETRY)
