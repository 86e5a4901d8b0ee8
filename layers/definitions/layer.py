"""One layer: the document that everything about it is derived from."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field as Limited
from pydantic import model_validator

from layers.definitions.code_lists import Name
from layers.definitions.field import Field, FieldType
from layers.definitions.style import Style
from layers.definitions.words import Document, Words
from layers.scope import Classification

#: Columns that every layer table has; a definition may not name a field like one of them.
SYSTEM_COLUMNS = (
    "id", "code", "client_key", "geom", "geom_3857", "region_code", "region_codes", "status", "provenance",
    "valid_from", "valid_to", "source", "updated_at", "version",
)  # fmt: skip


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

    min: Annotated[int, Limited(ge=0, le=22)]
    max: Annotated[int, Limited(ge=0, le=22)]

    @model_validator(mode="after")
    def _in_order(self) -> Zooms:
        if self.min > self.max:
            raise ValueError(f"zoom.min {self.min} is greater than zoom.max {self.max}")
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
    source: str
    licence: str
    key: tuple[Name, ...] = ("code",)
    part_of: Name | None = None
    filter: dict[Name, str] | None = None
    time: Name | None = None
    label: Name | None = None
    zoom: Zooms | None = None
    style: Style | None = None
    fields: tuple[Field, ...]

    @model_validator(mode="after")
    def _parts_agree(self) -> LayerDefinition:
        names = [field.name for field in self.fields]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"fields stand twice: {', '.join(twice)}")
        taken = sorted(set(names) & set(SYSTEM_COLUMNS))
        if taken:
            raise ValueError(f"these names belong to the system columns: {', '.join(taken)}")
        known = {*names, *SYSTEM_COLUMNS}
        named = [*self.key, *(n for n in (self.time, self.label) if n), *(self.filter or {})]
        if self.style is not None:
            named += [n for n in (self.style.by, self.style.label.field if self.style.label else None) if n]
        lost = sorted({name for name in named if name not in known})
        if lost:
            raise ValueError(f"these fields are named but not defined: {', '.join(lost)}")
        if (self.part_of is None) != (self.filter is None):
            raise ValueError("part_of and filter go together")
        if (self.geometry is GeometryFamily.NONE) != (self.zoom is None):
            raise ValueError("a layer with geometry has a zoom range, one without has none")
        if self.zoom is not None and self.style is None:
            raise ValueError("a layer with geometry has a style")
        return self

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
