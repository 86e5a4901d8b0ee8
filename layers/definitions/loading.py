"""Reading the catalogue: one YAML file a layer and a code list, every error with file, line and key."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from geo.errors import NotFound
from layers.definitions.checking import hint, layer_flaws, part_flaws
from layers.definitions.code_lists import CodeList
from layers.definitions.layer import LayerDefinition
from layers.definitions.marked_yaml import (
    SIZE_LIMIT,
    BadDefinition,
    Marked,
    bad,
    decode,
    key_text,
    read_marked,
)
from layers.definitions.words import Document, Flaw, KeyPath

__all__ = [
    "CATALOG", "CODE_LISTS", "BadDefinition", "Catalog", "parse_code_list", "parse_layer", "read_catalog",
]  # fmt: skip

#: The catalogue that comes with the product.
CATALOG = Path(__file__).parent.parent / "catalog"
CODE_LISTS = Path(__file__).parent.parent / "code_lists"

_MOST_FLAWS = 20
DocumentT = TypeVar("DocumentT", bound=Document)


@dataclass(frozen=True, eq=False)
class Catalog:
    """All layers and code lists, checked against each other; the same only as itself.

    Attributes
    ----------
    layers : mapping of str to LayerDefinition
        By name, parts and wholes alike.
    code_lists : mapping of str to CodeList
        By name.
    """

    layers: Mapping[str, LayerDefinition]
    code_lists: Mapping[str, CodeList]

    def layer(self, name: str) -> LayerDefinition:
        """Return the layer of this name.

        Raises
        ------
        NotFound
            Where there is none; the message names those that are spelled nearly so.
        """
        found = self.layers.get(name)
        if found is None:
            raise NotFound(f"there is no layer {name[:60]!r}{hint(name, self.layers)}", layer=name[:60])
        return found

    def with_layer(self, definition: LayerDefinition) -> Catalog:
        """Return a catalogue that has this layer too, in place of one of the same name.

        Raises
        ------
        BadDefinition
            Where the layer does not fit the code lists or the other layers.
        """
        layers = {**self.layers, definition.name: definition}
        flaws = [*layer_flaws(definition, self.code_lists)]
        flaws += _flaws_between(layers, self.code_lists).get(definition.name, [])
        parts = [one for one in layers.values() if one.part_of == definition.name]
        flaws += [
            Flaw(f"its part {part.name} no longer fits: {flaw.reason}")
            for part in parts
            for flaw in part_flaws(part, layers, self.code_lists)
        ]
        if flaws:
            raise flawed(definition.name, None, flaws)
        return replace(self, layers=MappingProxyType(layers))

    def parts_of(self, name: str) -> tuple[LayerDefinition, ...]:
        """Return the layers that show rows of this one."""
        return tuple(layer for layer in self.layers.values() if layer.part_of == name)


def parse_code_list(text: str, where: str) -> CodeList:
    """Read one code list.

    Parameters
    ----------
    text : str
        The YAML document.
    where : str
        What to call it in errors, a file name.

    Raises
    ------
    BadDefinition
        Where the document is no code list; names the line and the key.

    Examples
    --------
    >>> text = "{name: x, title: {zh: 甲, en: A}, codes: [{code: a, title: {zh: 甲, en: A}}]}"
    >>> parse_code_list(text, "x.yaml").values
    ('a',)
    """
    return validated(CodeList, read_marked(text, where), where)


def parse_layer(text: str, where: str, code_lists: Mapping[str, CodeList]) -> LayerDefinition:
    """Read one layer definition and check it against the code lists.

    What only the whole catalogue can tell (does the whole of a part exist?) is checked by
    :meth:`Catalog.with_layer` and :func:`read_catalog`.

    Parameters
    ----------
    text : str
        The YAML document; JSON is YAML too.
    where : str
        What to call it in errors, a file name.

    Raises
    ------
    BadDefinition
        Where the document is no layer definition; names the line and the key and says what is allowed.
    """
    return _parse_layer(read_marked(text, where), where, code_lists)


def read_catalog(directory: Path = CATALOG, code_lists: Path = CODE_LISTS) -> Catalog:
    """Read every layer and code list and check them against each other.

    The product's own files are read once in a process.

    Raises
    ------
    BadDefinition
        At the first file that cannot be used, with all of that file's flaws.
    """
    if (directory, code_lists) == (CATALOG, CODE_LISTS):
        return _own_catalog()
    return _read(directory, code_lists)


@cache
def _own_catalog() -> Catalog:
    return _read(CATALOG, CODE_LISTS)


def _read(directory: Path, code_lists: Path) -> Catalog:
    lists = {}
    for where, name, text in read_documents(code_lists):
        marked = read_marked(text, where)
        code_list = validated(CodeList, marked, where)
        check_file_name(where, name, code_list.name, marked)
        lists[code_list.name] = code_list
    layers: dict[str, LayerDefinition] = {}
    files: dict[str, tuple[str, Marked]] = {}
    for where, name, text in read_documents(directory):
        marked = read_marked(text, where)
        layer = _parse_layer(marked, where, lists)
        check_file_name(where, name, layer.name, marked)
        layers[layer.name] = layer
        files[layer.name] = where, marked
    for name, flaws in _flaws_between(layers, lists).items():
        raise flawed(*files[name], flaws)
    return Catalog(MappingProxyType(layers), MappingProxyType(lists))


def read_documents(directory: Path) -> Iterator[tuple[str, str, str]]:
    """Yield (name for errors, file name without ending, text) of every YAML file, in order of names."""
    paths = sorted(path for path in directory.glob("*") if path.suffix in (".yaml", ".yml"))
    if not paths:
        raise bad(directory.name, None, (), f"there are no .yaml files in {directory}")
    for path in paths:
        where = f"{directory.name}/{path.name}"
        try:
            with path.open("rb") as file:
                data = file.read(SIZE_LIMIT + 1)
        except OSError as error:
            raise bad(where, None, (), f"the file cannot be read: {error.strerror}") from error
        yield where, path.stem, decode(data, where)


def check_file_name(where: str, stem: str, name: str, marked: Marked) -> None:
    """Refuse a file that is not called by the name of what it defines."""
    if where.endswith(".yml") or stem != name:
        reason = f"the file of {name!r} is called {name}.yaml"
        raise bad(where, marked.line(("name",)), ("name",), reason)


def _flaws_between(
    layers: Mapping[str, LayerDefinition], code_lists: Mapping[str, CodeList]
) -> dict[str, list[Flaw]]:
    """Return what is wrong between layers, by the layer whose document must change."""
    found = {name: [*part_flaws(layer, layers, code_lists)] for name, layer in layers.items()}
    return {name: flaws for name, flaws in found.items() if flaws}


def _parse_layer(marked: Marked, where: str, code_lists: Mapping[str, CodeList]) -> LayerDefinition:
    layer = validated(LayerDefinition, marked, where)
    flaws = [*layer_flaws(layer, code_lists)]
    if flaws:
        raise flawed(where, marked, flaws)
    return layer


def flawed(where: str, marked: Marked | None, flaws: list[Flaw]) -> BadDefinition:
    """Return the error that names these flaws with their lines."""
    return BadDefinition(
        where,
        [
            {
                "line": marked.line(flaw.path) if marked is not None else None,
                "key": key_text(flaw.path),
                "reason": flaw.reason,
            }
            for flaw in flaws[:_MOST_FLAWS]
        ],
    )


def validated(model: type[DocumentT], marked: Marked, where: str) -> DocumentT:
    """Return a document as its model; every flaw with line and key."""
    try:
        return model.model_validate(marked.value)
    except ValidationError as error:
        flaws: dict[KeyPath, Flaw] = {}
        for one in error.errors(include_url=False):
            flaw = _flaw(model, one, marked)
            flaws.setdefault(flaw.path, flaw)
        ordered = sorted(flaws.values(), key=lambda flaw: marked.line(flaw.path))
        raise flawed(where, marked, ordered) from error


def _flaw(model: type[BaseModel], error: Any, marked: Marked) -> Flaw:
    """Turn one error of pydantic into a flaw that says what is allowed."""
    path, kind, value = tuple(error["loc"]), error["type"], error["input"]
    if kind == "missing":
        return Flaw(f"the key {path[-1]!r} is missing", *path)
    # A union adds steps that the document does not have.
    while path and path not in marked.lines:
        path = path[:-1]
    if kind == "extra_forbidden":
        allowed = tuple(_model_at(model, path[:-1]).model_fields)
        near = hint(str(path[-1]), allowed)
        return Flaw(f"unknown key {str(path[-1])[:60]!r}{near or '; allowed: ' + ', '.join(allowed)}", *path)
    cause = (error.get("ctx") or {}).get("error")
    if isinstance(cause, Flaw):
        return cause.below(*path)
    if isinstance(cause, ValueError):
        return Flaw(str(cause), *path)
    return Flaw(_expectation(model, path, error, value), *path)


def _expectation(model: type[BaseModel], path: KeyPath, error: Any, value: Any) -> str:
    kind, context = error["type"], error.get("ctx") or {}
    if kind == "model_type":
        wanted = f"a mapping with the keys {', '.join(_model_at(model, path).model_fields)}"
    elif kind == "tuple_type":
        wanted = "a list"
    elif kind == "string_type":
        wanted = "text (put it in quotes)"
    elif kind == "string_pattern_mismatch":
        wanted = f"text of the form {context['pattern']}"
    else:
        wanted = str(error["msg"]).removeprefix("Input should be ").removeprefix("a valid ")
    found = "nothing" if value is None else repr(value)
    return f"must be {wanted}; found {found if len(found) <= 60 else found[:57] + '...'}"


def _model_at(model: type[BaseModel], path: KeyPath) -> type[BaseModel]:
    """Return the model of the mapping at a path below another one."""
    annotation: Any = model
    for step in path:
        annotation = _document_in(annotation)
        if isinstance(step, str) and annotation is not None and step in annotation.model_fields:
            annotation = annotation.model_fields[step].annotation
    return _document_in(annotation) or model


def _document_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Union, types.UnionType, tuple, Annotated):
        for argument in get_args(annotation):
            found = _document_in(argument)
            if found is not None:
                return found
    return None
