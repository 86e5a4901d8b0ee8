"""The documents that define layers, code lists and views, as typed models."""

from layers.definitions.code_lists import Code, CodeList
from layers.definitions.field import Field, FieldType
from layers.definitions.layer import GeometryFamily, LayerDefinition
from layers.definitions.style import Style
from layers.definitions.words import Words

__all__ = ["Code", "CodeList", "Field", "FieldType", "GeometryFamily", "LayerDefinition", "Style", "Words"]
