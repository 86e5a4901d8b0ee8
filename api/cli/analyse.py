"""``onemap analyse``: ask for a run, watch it, print what it found."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.kernel_density import kernel_density
from api.cli.radio_measurements import MODEL_HELP, radio_measurements

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from layers.database import Addresses
    from layers.definitions.loading import Catalog

app = typer.Typer(help="Analyses of the city; each is a run that is kept.", no_args_is_help=True)
app.command("kernel-density")(kernel_density)
app.command("radio-measurements")(radio_measurements)

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
    analysed("density", given, region, as_json=as_json)


@app.command()
def radio(
    technology: Annotated[str, typer.Option(help="5g, 4g, nb_iot or pdt.")] = "5g",
    operator: Annotated[str | None, typer.Option(help="One operator's code; all in total otherwise.")] = None,
    model: Annotated[str, typer.Option(help=MODEL_HELP)] = "auto",
    sight: Annotated[str, typer.Option(help="Line of sight: probability or buildings.")] = "probability",
    indoor: Annotated[
        str, typer.Option(help="Buildings meant indoors: by-use, low-loss or high-loss.")
    ] = "by-use",
    load: Annotated[float, typer.Option(help="Load of other sectors, 0 to 1.")] = 0.5,
    resolution: Annotated[int, typer.Option(help="H3 resolution, 7 to 11.")] = 10,
    gaps: Annotated[bool, typer.Option(help="The gaps and their causes instead of the coverage.")] = False,
    join: Annotated[
        float | None, typer.Option(help="Patches at most so many metres apart are one gap; 300 otherwise.")
    ] = None,
    region: Annotated[str, typer.Option(help="Code of a region; the whole city otherwise.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the run as JSON.")] = False,
) -> None:
    """Predict the radio coverage of cells, regions and places, or list its gaps."""
    given: dict[str, Any] = {
        "technology": technology, "model": model.replace("-", "_"), "sight": sight,
        "indoor": indoor.replace("-", "_"), "load": load, "resolution": resolution,
    }  # fmt: skip
    if operator is not None:
        given["operator"] = operator
    if gaps and join is not None:
        given["join_m"] = join
    analysed("radio_gaps" if gaps else "radio_coverage", given, region, as_json=as_json)


@app.command()
def hotspots(
    classes: Annotated[str, typer.Option(help="Class code or its beginning; all classes otherwise.")] = "",
    against: Annotated[str, typer.Option(help="incidents, people, road_length, area or mean.")] = "people",
    step: Annotated[str, typer.Option(help="hour, day, week or month.")] = "month",
    steps: Annotated[int, typer.Option(help="How many steps, up to the latest incident.")] = 12,
    until: Annotated[
        str | None, typer.Option(help="Last day, as 2020-12-31; that of the latest incident otherwise.")
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(help="Whose midnight parts the days; the city's otherwise.")
    ] = None,
    resolution: Annotated[int, typer.Option(help="H3 resolution, 7 to 11.")] = 10,
    q: Annotated[float, typer.Option(help="False discovery rate.")] = 0.05,
    scan: Annotated[
        str, typer.Option(help="Clusters in space and time beside: off, permutation or poisson.")
    ] = "off",
    clusters: Annotated[str, typer.Option(help="Dense groups of points: off, dbscan or hdbscan.")] = "off",
    near_repeats: Annotated[
        bool, typer.Option("--near-repeats", help="Knox's test within 200 m and 14 days.")
    ] = False,
    permutations: Annotated[int, typer.Option(help="Random copies, 99 to 9999.")] = 999,
    seed: Annotated[int, typer.Option(help="Of the random copies.")] = 1,
    region: Annotated[str, typer.Option(help="Code of a region; the whole city otherwise.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the run as JSON.")] = False,
) -> None:
    """Find where incidents are more than expected, since when, rising or falling."""
    given: dict[str, Any] = {
        "classes": classes, "against": against, "step": step, "steps": steps, "q": q,
        "resolution": resolution, "scan": scan, "permutations": permutations, "seed": seed,
        "until": until, "timezone": timezone, "clusters": clusters, "near_repeats": near_repeats,
    }  # fmt: skip
    analysed("incident_hotspots", given, region, as_json=as_json)


@app.command()
def accidents(
    rule: Annotated[
        str, typer.Option(help="Official rule beside the test: prefecture_2008 or county_2008.")
    ] = "prefecture_2008",
    length: Annotated[float, typer.Option(help="Length of a stretch in metres.")] = 500.0,
    radius: Annotated[float, typer.Option(help="Neighbourhood along roads in metres.")] = 150.0,
    q: Annotated[float, typer.Option(help="False discovery rate.")] = 0.05,
    region: Annotated[str, typer.Option(help="Code of a region; the whole city otherwise.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the run as JSON.")] = False,
) -> None:
    """Find accident-prone stretches of roads: by a test, and by an official rule."""
    given: dict[str, Any] = {"rule": rule, "length_m": length, "radius_m": radius, "q": q}
    analysed("accident_segments", given, region, as_json=as_json)


@app.command()
def cameras(
    task: Annotated[str, typer.Option(help="monitor, detect, observe, recognise or identify.")] = "detect",
    tier: Annotated[
        list[str] | None, typer.Option(help="Only cameras of this class (1, 2, 3); repeatable.")
    ] = None,
    using: Annotated[str | None, typer.Option(help="Only cameras that this department uses.")] = None,
    assume_view: Annotated[
        float | None, typer.Option(help="View angle in degrees of cameras without one on record.")
    ] = None,
    assume_pixels: Annotated[
        int | None, typer.Option(help="Horizontal pixels of cameras without any on record.")
    ] = None,
    assume_online: Annotated[
        bool, typer.Option("--assume-online", help="Count cameras of unknown state as online.")
    ] = False,
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
    given: dict[str, Any] = {
        "task": task, "tiers": tier or [], "using_department": using, "assumed_view_angle_deg": assume_view,
        "assumed_pixels": assume_pixels, "assumed_online": assume_online,
    }  # fmt: skip
    for part in parts if only is None else (only,):
        analysed(f"camera_{part}", given, region, as_json=as_json)


@app.command()
def missing() -> None:
    """Ask for each analysis that a view shows and nobody has run; a worker carries them out."""
    from api.cli.database import city_database
    from api.cli.missing import ask_for_missing
    from api.settings import read_settings

    with city_database(read_settings()) as addresses:
        runs = ask_for_missing(addresses)
    typer.echo(f"{len(runs)} runs are queued" if runs else "nothing is missing")


def analysed(
    kind: str,
    parameters: dict[str, Any],
    region: str,
    *,
    as_json: bool,
    told: Callable[[Addresses, dict[str, Any]], None] | None = None,
) -> None:
    """Ask for a run, work it off, and print it, or have ``told`` do so for one that has a result."""
    from api.cli.database import city_database
    from api.cli.logs import log_to_stderr
    from api.settings import read_settings
    from layers.runs.worker import worker_thread

    log_to_stderr(logging.WARNING)
    with city_database(read_settings()) as addresses:
        run, catalog = _request(addresses, kind, parameters, region)
        # A worker that runs already may be busy: this one takes the run, or finds it taken.
        with worker_thread(addresses, until_empty=True) as worker:
            found = _watch(addresses, run, worker)
        if found["state"] == "succeeded" and told is not None:
            told(addresses, found)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, default=str))
    elif found["state"] == "succeeded" and told is None:
        _print(found, catalog)
    if found["state"] != "succeeded":
        reason = found["error"]["message"] if found["error"] else found["state"]
        print(f"onemap: run {run} has no result: {reason}", file=sys.stderr)
        raise typer.Exit(1)


def _request(addresses: Addresses, kind: str, parameters: dict[str, Any], region: str) -> tuple[int, Catalog]:
    from layers.database import admin_connection, connect_application, scoped
    from layers.definitions.loading import read_catalog
    from layers.runs.requesting import request
    from layers.schema.runtime import with_runtime_layers
    from layers.scope import Scope

    scope = Scope.everything("command line")
    with admin_connection(addresses) as connection:
        catalog = with_runtime_layers(connection, read_catalog())
    with connect_application(addresses) as connection, scoped(connection, scope) as scoped_connection:
        run = request(scoped_connection, scope, catalog, kind=kind, parameters=parameters, region=region)
    return run, catalog


def _watch(addresses: Addresses, run: int, worker: Future[None]) -> dict[str, Any]:
    """Show the progress until the run has ended; Ctrl-C calls it off. An error of the worker is raised."""
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
                if worker.done():
                    worker.result()
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


def _print(run: dict[str, Any], catalog: Catalog) -> None:
    """Print the figures by region and extent, and what the whole adds up to."""
    from rich.table import Table

    from api.cli.tables import show
    from layers.runs.kinds import kind_named
    from layers.runs.showing import about, area_columns, finding

    kind = kind_named(run["kind"])
    columns = area_columns(run, catalog)
    by_name = {column.name: column for column in kind.of_areas}
    headings = [
        f"{column['title']['zh']} {column['title']['en']}"
        + (f" [{column['unit']}]" if column["unit"] else "")
        for column in columns
    ]
    table = Table("layer", "code", "name", box=None)
    for heading in headings:
        table.add_column(heading.replace("[", r"\["), justify="right")
    for area in run["areas"]:
        figures = [
            "–" if area[name] is None else by_name[name].text(area[name])
            for name in (column["name"] for column in columns)
        ]
        table.add_row(area["layer"], area["code"], area["name"], *figures)
    show(table)
    facts = "; ".join(f"{name} {fact}" for name, fact in run["note"]["facts"].items() if fact is not None)
    said = about(run, catalog)
    title = f"{kind.title.zh} · {said['zh']}" if said else kind.title.zh
    typer.echo(f"run {run['id']} ({title}): {run['rows']} {kind.result}; {facts}")
    for text in finding(run, catalog) or ():
        typer.echo(text)
