"""Writes the reference page of all layers from the catalogue: ``python -m layers.definitions.document``."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from layers.definitions.code_lists import CodeList
from layers.definitions.field import Field
from layers.definitions.layer import LayerDefinition
from layers.definitions.loading import Catalog, read_catalog
from layers.definitions.words import Words

_HEAD = """\
# Layers and code lists

Written from `layers/catalog/` and `layers/code_lists/` by
`python -m layers.definitions.document > docs/layers.md`; change the catalogue, not this page. Every layer
also has the system columns `id`, `code`, `region_code`, `status`, `provenance`, `valid_from`, `valid_to`,
`source`, `updated_at` and `version`. *Tiles* is the zoom from which vector tiles carry a field.
"""


def document(catalog: Catalog) -> str:
    """Return the page as Markdown: an index, every layer with its fields, every code list with its codes."""
    layers = sorted(catalog.layers.values(), key=lambda layer: layer.name)
    lists = sorted(catalog.code_lists.values(), key=lambda code_list: code_list.name)
    lines = [_HEAD, *_index(layers), "", "## Layers"]
    for layer in layers:
        lines += ["", *_layer(layer)]
    lines += ["", "## Code lists"]
    for code_list in lists:
        lines += ["", *_code_list(code_list)]
    return "\n".join(lines) + "\n"


def _index(layers: list[LayerDefinition]) -> Iterator[str]:
    yield "| layer | 中文 | geometry | class | zooms | part of |"
    yield "|---|---|---|---|---|---|"
    for layer in layers:
        zooms = f"{layer.zoom.min}–{layer.zoom.max}" if layer.zoom else ""
        cells = (f"[{layer.name}](#{layer.name})", layer.title.zh, str(layer.geometry),
                 str(layer.classification), zooms, layer.part_of or "")  # fmt: skip
        yield _row(*cells)


def _layer(layer: LayerDefinition) -> Iterator[str]:
    yield f"### {layer.name}"
    yield ""
    yield f"**{_both(layer.title)}.** {layer.description.en} {layer.description.zh}"
    yield ""
    steward = f"; steward {_both(layer.steward)}" if layer.steward else ""
    yield f"- Owner {_both(layer.owner)}{steward}; updated {layer.update_cycle.replace('_', ' ')}"
    access = f"- Access {layer.classification}; sharing {layer.sharing}"
    yield f"{access}; data level {layer.data_level} (GB/T 43697)"
    times = [f"; {part} `{name}`" for part, name in (("time", layer.time), ("begins", layer.begins)) if name]
    yield f"- Key `{', '.join(layer.key)}`{''.join(times)}"
    if layer.part_of is not None and layer.filter is not None:
        rows = " and ".join(f"`{name} = {value}`" for name, value in layer.filter.items())
        yield f"- Part of [{layer.part_of}](#{layer.part_of}): rows with {rows}"
    yield f"- Source: {layer.source}. Licence: {layer.licence}"
    yield ""
    yield "| field | 中文 | English | type | unit | allowed | rules | tiles | standard, note |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for field in layer.fields:
        yield _field(field)


def _field(field: Field) -> str:
    marks = (("required", field.required), ("unique", field.unique), ("searchable", field.searchable))
    rules = [word for word, holds in marks if holds]
    notes = [field.standard or "", f"{field.note.en} / {field.note.zh}" if field.note else ""]
    return _row(
        f"`{field.name}`",
        field.title.zh,
        field.title.en,
        field.type,
        field.unit or "",
        _allowed(field),
        ", ".join(rules),
        "" if field.tile_from is None else str(field.tile_from),
        "; ".join(note for note in notes if note),
    )


def _allowed(field: Field) -> str:
    if field.codes is not None:
        return f"[{field.codes}](#{field.codes})"
    if field.range is not None:
        low, high = ("" if bound is None else f"{bound:g}" for bound in field.range)
        return f"{low} … {high}".strip()
    if field.pattern is not None:
        return f"`{field.pattern}`"
    return f"at most {field.length} characters" if field.length is not None else ""


def _code_list(code_list: CodeList) -> Iterator[str]:
    yield f"### {code_list.name}"
    yield ""
    standard = code_list.standard or "no standard"
    note = f" {code_list.note.en} / {code_list.note.zh}" if code_list.note else ""
    yield f"**{_both(code_list.title)}** ({standard}).{note}"
    yield ""
    nested = any(code.parent for code in code_list.codes)
    yield "| code | 中文 | English |" + (" parent |" if nested else "")
    yield "|---|---|---|" + ("---|" if nested else "")
    for code in code_list.codes:
        parent = (f"`{code.parent}`" if code.parent else "",) if nested else ()
        yield _row(f"`{code.code}`", code.title.zh, code.title.en, *parent)


def _both(words: Words) -> str:
    return f"{words.en} {words.zh}"


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    sys.stdout.buffer.write(document(read_catalog()).encode())
