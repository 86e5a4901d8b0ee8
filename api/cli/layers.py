"""``onemap layers``: what the catalogue holds, without a database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from layers.definitions import Field

app = typer.Typer(help="The layers of the catalogue.", no_args_is_help=False)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


@app.callback(invoke_without_command=True)
def main(context: typer.Context) -> None:
    """List the layers where no command is named."""
    if context.invoked_subcommand is None:
        list_layers(as_json=False)


@app.command("list")
def list_layers(as_json: AsJson = False) -> None:
    """List every layer with its title, geometry and classification."""
    from layers.definitions.loading import read_catalog

    layers = read_catalog().layers.values()
    if as_json:
        keys = {"name", "title", "geometry", "classification", "part_of"}
        typer.echo(
            json.dumps([layer.model_dump(mode="json", include=keys) for layer in layers], ensure_ascii=False)
        )
        return
    from rich.table import Table

    from api.cli.tables import show

    table = Table("layer", "图层", "title", "geometry", "class", "fields", box=None)
    for layer in layers:
        name = layer.name if layer.part_of is None else f"{layer.name} ⊂ {layer.part_of}"
        table.add_row(
            name, layer.title.zh, layer.title.en, layer.geometry, layer.classification, str(len(layer.fields))
        )
    show(table)


@app.command("show")
def show_layer(
    name: Annotated[str, typer.Argument(help="Name of the layer.")], as_json: AsJson = False
) -> None:
    """Show one layer: its fields with type, unit, range and code list."""
    from layers.definitions.loading import read_catalog

    catalog = read_catalog()
    layer = catalog.layer(name)
    if as_json:
        typer.echo(layer.model_dump_json(indent=2))
        return
    from rich.table import Table

    from api.cli.tables import show

    typer.echo(f"{layer.name} · {layer.title.zh} · {layer.title.en}")
    typer.echo(f"{layer.description.zh}\n{layer.description.en}")
    typer.echo(
        f"{layer.geometry} · {layer.classification} · {layer.owner.zh} · {layer.source} · {layer.licence}"
    )
    table = Table("field", "字段", "title", "type", "unit", "allowed", "notes", box=None)
    for field in layer.fields:
        notes = [word for word, on in (("required", field.required), ("unique", field.unique)) if on]
        table.add_row(
            field.name, field.title.zh, field.title.en, field.type, field.unit or "",
            _allowed(field), ", ".join([*notes, *([field.standard] if field.standard else [])]),
        )  # fmt: skip
    show(table)


@app.command("add")
def add_layer(
    document: Annotated[
        Path, typer.Argument(help="A layer definition (YAML), as in layers/catalog.", dir_okay=False)
    ],
) -> None:
    """Add a layer to the city, or fields to one that was added before; no restart, no code."""
    from api.cli.database import city_database
    from api.settings import read_settings
    from geo.errors import BadInput
    from layers.database import admin_connection
    from layers.definitions.marked_yaml import SIZE_LIMIT
    from layers.schema.adding import add_layer as add
    from layers.scope import Scope

    try:
        with document.open("rb") as file:
            text = file.read(SIZE_LIMIT + 1).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{document} cannot be read as text: {error}", file=document.name) from error
    with city_database(read_settings()) as addresses, admin_connection(addresses) as connection:
        added = add(connection, text, scope=Scope.everything("command line"))
    made = [*added.changes.created, *(f"{layer}.{field}" for layer, field in added.changes.added)]
    typer.echo(f"{added.definition.name}: {', '.join(made) or 'nothing to change'}")


def _allowed(field: Field) -> str:
    if field.codes is not None:
        return field.codes
    if field.range is not None:
        low, high = ("" if side is None else f"{side:g}" for side in field.range)
        return f"{low}…{high}"
    return field.pattern or ("" if field.length is None else f"≤ {field.length} characters")
