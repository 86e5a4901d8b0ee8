"""``onemap analyse``: ask for a run, watch it, print what it found."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from layers.database import Addresses

app = typer.Typer(help="Analyses of the city; each is a run that is kept.", no_args_is_help=True)

_LOOK = 0.25


@app.callback()
def main() -> None:
    """Take the name of an analysis, also while there is only one."""


@app.command()
def density(
    layer: Annotated[str, typer.Option(help="Any layer with geometry.")],
    weight: Annotated[
        str | None, typer.Option(help="Numeric field to add up; features are counted otherwise.")
    ] = None,
    against: Annotated[str, typer.Option(help="area, people or road_length.")] = "area",
    resolution: Annotated[int, typer.Option(help="H3 resolution, 5 to 12.")] = 8,
    region: Annotated[str, typer.Option(help="Code of a region; the whole city otherwise.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the run as JSON.")] = False,
) -> None:
    """Add up features by cell, region and extent, against area, people or road length."""
    given: dict[str, Any] = {"layer": layer, "against": against, "resolution": resolution}
    if weight is not None:
        given["weight"] = weight
    _analyse("density", given, region, as_json=as_json)


@app.command()
def radio(
    technology: Annotated[str, typer.Option(help="5g, 4g or nb_iot.")] = "5g",
    operator: Annotated[str | None, typer.Option(help="One operator's code; all in total otherwise.")] = None,
    model: Annotated[str, typer.Option(help="uma, umi, rma or sma of 3GPP TR 38.901.")] = "uma",
    sight: Annotated[str, typer.Option(help="Line of sight: probability or buildings.")] = "probability",
    load: Annotated[float, typer.Option(help="Load of other sectors, 0 to 1.")] = 0.5,
    resolution: Annotated[int, typer.Option(help="H3 resolution, 7 to 11.")] = 10,
    gaps: Annotated[bool, typer.Option(help="The gaps and their causes instead of the coverage.")] = False,
    region: Annotated[str, typer.Option(help="Code of a region; the whole city otherwise.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the run as JSON.")] = False,
) -> None:
    """Predict the radio coverage of cells, regions and places, or list its gaps."""
    given: dict[str, Any] = {
        "technology": technology, "model": model, "sight": sight, "load": load, "resolution": resolution,
    }  # fmt: skip
    if operator is not None:
        given["operator"] = operator
    _analyse("radio_gaps" if gaps else "radio_coverage", given, region, as_json=as_json)


@app.command()
def hotspots(
    classes: Annotated[str, typer.Option(help="Class code or its beginning; all classes otherwise.")] = "",
    against: Annotated[str, typer.Option(help="incidents, people, road_length or area.")] = "road_length",
    step: Annotated[str, typer.Option(help="hour, day, week or month.")] = "month",
    steps: Annotated[int, typer.Option(help="How many steps, up to the latest incident.")] = 12,
    resolution: Annotated[int, typer.Option(help="H3 resolution, 7 to 11.")] = 10,
    q: Annotated[float, typer.Option(help="False discovery rate.")] = 0.05,
    region: Annotated[str, typer.Option(help="Code of a region; the whole city otherwise.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the run as JSON.")] = False,
) -> None:
    """Find where incidents are more than expected, since when, rising or falling."""
    given: dict[str, Any] = {
        "classes": classes, "against": against, "step": step, "steps": steps, "q": q,
        "resolution": resolution,
    }  # fmt: skip
    _analyse("incident_hotspots", given, region, as_json=as_json)


@app.command()
def cameras(
    task: Annotated[str, typer.Option(help="monitor, detect, observe, recognise or identify.")] = "detect",
    tier: Annotated[
        list[str] | None, typer.Option(help="Only cameras of this class (1, 2, 3); repeatable.")
    ] = None,
    using: Annotated[str | None, typer.Option(help="Only cameras that this department uses.")] = None,
    only: Annotated[
        str | None, typer.Option(help="viewsheds, coverage or blind_spots; all three otherwise.")
    ] = None,
    region: Annotated[str, typer.Option(help="Code of a region; the whole city otherwise.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print each run as a line of JSON.")] = False,
) -> None:
    """Find what cameras see, how much is covered, and where nobody looks."""
    parts = ("viewsheds", "coverage", "blind_spots")
    if only is not None and only not in parts:
        raise typer.BadParameter(f"{only} is none of {', '.join(parts)}", param_hint="--only")
    given: dict[str, Any] = {"task": task, "tiers": tier or []}
    if using is not None:
        given["using_department"] = using
    for part in parts if only is None else (only,):
        _analyse(f"camera_{part}", given, region, as_json=as_json)


def _analyse(kind: str, parameters: dict[str, Any], region: str, *, as_json: bool) -> None:
    from api.cli.database import city_database
    from api.cli.logs import log_to_stderr
    from api.cli.work import worker_beside
    from api.settings import read_settings

    log_to_stderr(logging.WARNING)
    with city_database(read_settings()) as addresses:
        run = _request(addresses, kind, parameters, region)
        # A worker that runs already may be busy: this one takes the run, or finds it taken.
        with worker_beside(addresses, until_empty=True):
            found = _watch(addresses, run)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, default=str))
    elif found["state"] == "succeeded":
        _print(found)
    if found["state"] != "succeeded":
        reason = found["error"]["message"] if found["error"] else found["state"]
        print(f"onemap: run {run} has no result: {reason}", file=sys.stderr)
        raise typer.Exit(1)


def _request(addresses: Addresses, kind: str, parameters: dict[str, Any], region: str) -> int:
    from layers.database import admin_connection, connect_application, scoped
    from layers.definitions.loading import read_catalog
    from layers.runs.requesting import request
    from layers.schema.runtime import with_runtime_layers
    from layers.scope import Scope

    scope = Scope.everything("command line")
    with admin_connection(addresses) as connection:
        catalog = with_runtime_layers(connection, read_catalog())
    with connect_application(addresses) as connection, scoped(connection, scope) as scoped_connection:
        return request(scoped_connection, scope, catalog, kind=kind, parameters=parameters, region=region)


def _watch(addresses: Addresses, run: int) -> dict[str, Any]:
    """Show the progress until the run has ended; Ctrl-C calls it off."""
    from api.cli.progress import Steps
    from layers.database import connect_application, scoped
    from layers.runs.record import State
    from layers.runs.requesting import call_off
    from layers.scope import Scope

    scope = Scope.everything("command line")
    try:
        with Steps() as steps, connect_application(addresses) as connection:
            while True:
                with scoped(connection, scope):
                    row = connection.execute(
                        "SELECT state, step, share FROM onemap.run WHERE id = %s", [run]
                    ).fetchone()
                if row is None or State(row[0]).finished:
                    break
                steps.tell(row[1] or "wait", row[2] or 0.0)
                time.sleep(_LOOK)
    except KeyboardInterrupt:
        with connect_application(addresses) as connection, scoped(connection, scope):
            call_off(connection, run)
        raise
    return asyncio.run(_read(addresses, run))


async def _read(addresses: Addresses, run: int) -> dict[str, Any]:
    from layers.database import open_reading_pool
    from layers.runs.reading import read_run
    from layers.scope import Scope

    pool = await open_reading_pool(addresses, size=1)
    try:
        async with pool.acquire() as connection:
            return await read_run(connection, Scope.everything("command line"), run)
    finally:
        await pool.close()


def _print(run: dict[str, Any]) -> None:
    """Print the figures by region and extent, and what the whole adds up to."""
    from rich.table import Table

    from api.cli.tables import show
    from layers.runs.kinds import kind_named

    kind = kind_named(run["kind"])
    units = run["summary"].get("units", {})
    headings = [
        f"{column.title.zh} {column.title.en}" + (f" [{units[column.name]}]" if column.name in units else "")
        for column in kind.of_areas
    ]
    table = Table("layer", "code", "name", box=None)
    for heading in headings:
        table.add_column(heading.replace("[", r"\["), justify="right")
    for area in run["areas"]:
        figures = [
            "–" if area[column.name] is None else f"{area[column.name]:.{column.decimals}f}"
            for column in kind.of_areas
        ]
        table.add_row(area["layer"], area["code"], area["name"], *figures)
    show(table)
    facts = "; ".join(f"{name} {fact}" for name, fact in run["note"]["facts"].items() if fact is not None)
    typer.echo(f"run {run['id']}: {run['rows']} {kind.result}; {facts}")
