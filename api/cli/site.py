"""``onemap site``: where the next stations and cameras should stand, with the proof."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.analyse import analysed
from geo.errors import BadInput

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from layers.database import Addresses

app = typer.Typer(help="Places for new devices, ranked by what each adds.", no_args_is_help=True)

#: Endings of the files that a plan is written to.
FORMATS = (".gpkg", ".geojson", ".csv", ".xlsx")
#: Rows of the ranked table that are printed; a file has all.
_PRINTED = 20

Budget = Annotated[int, typer.Option(help="How many to place.")]
ByYear = Annotated[str, typer.Option(help="How many each year instead, such as 136,70.")]
Candidates = Annotated[
    list[str] | None,
    typer.Option(
        help="existing_4g, towers, poles, roofs, public_buildings, key_places or grid; repeatable. "
        "The usual ones otherwise."
    ),
]
Money = Annotated[float | None, typer.Option(help="Money in 10,000 yuan instead of a number.")]
Spacing = Annotated[float, typer.Option(help="Least distance of new ones in metres.")]
Seconds = Annotated[float, typer.Option(help="Time for the proof; 0 answers at once.")]
Task = Annotated[str, typer.Option(help="monitor, detect, observe, recognise or identify.")]
Scenario = Annotated[str | None, typer.Option(help="Name, or name@version, of a scenario to plan over.")]
Region = Annotated[str, typer.Option(help="Code of a region; the whole city otherwise.")]
Share = Annotated[
    float | None, typer.Option(help="Percent to cover with the fewest sites, in place of a number.")
]
Forced = Annotated[list[str] | None, typer.Option(help="Code of a host that must be used; repeatable.")]
Forbidden = Annotated[list[str] | None, typer.Option(help="Code of a host that must not be; repeatable.")]
More = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help="Any other parameter of the plan as name=value, such as district_least=341504001=2 or "
        "area=@polygon.geojson; repeatable.",
    ),
]
Sensitivity = Annotated[
    bool, typer.Option("--sensitivity", help="Try range and demand 10 % otherwise: which sites stay.")
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="New file: .gpkg, .geojson, .csv or .xlsx.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the run as JSON.")]


@app.command()
def stations(
    budget: Budget = 30,
    by_year: ByYear = "",
    candidates: Candidates = None,
    money: Money = None,
    share: Share = None,
    spacing: Spacing = 0.0,
    indoor: Annotated[bool, typer.Option("--indoor", help="Cover people indoors.")] = False,
    forced: Forced = None,
    forbidden: Forbidden = None,
    sensitivity: Sensitivity = False,
    seconds: Seconds = 20.0,
    more: More = None,
    scenario: Scenario = None,
    region: Region = "",
    output: Output = None,
    as_json: AsJson = False,
) -> None:
    """Place 5G sites, each with the azimuth and tilt that cover most people."""
    given = {
        "device": "stations", "budget": budget, "by_year": by_year, "candidates": candidates, "money": money,
        "target_share": share, "spacing_m": spacing, "indoor": indoor, "forced": forced,
        "forbidden": forbidden, "sensitivity": sensitivity, "seconds": seconds, "scenario": scenario,
    }  # fmt: skip
    _plan(given, more, region, output, as_json=as_json)


@app.command()
def cameras(
    budget: Budget = 30,
    by_year: ByYear = "",
    candidates: Candidates = None,
    money: Money = None,
    share: Share = None,
    spacing: Spacing = 0.0,
    task: Task = "detect",
    times: Annotated[int, typer.Option(help="How many cameras each place needs.")] = 1,
    forced: Forced = None,
    forbidden: Forbidden = None,
    sensitivity: Sensitivity = False,
    seconds: Seconds = 20.0,
    more: More = None,
    scenario: Scenario = None,
    region: Region = "",
    output: Output = None,
    as_json: AsJson = False,
) -> None:
    """Place cameras on poles so that most of what nobody sees is seen."""
    given = {
        "device": "cameras", "budget": budget, "by_year": by_year, "candidates": candidates, "money": money,
        "target_share": share, "spacing_m": spacing, "task": task, "times": times, "forced": forced,
        "forbidden": forbidden, "sensitivity": sensitivity, "seconds": seconds, "scenario": scenario,
    }  # fmt: skip
    _plan(given, more, region, output, as_json=as_json)


@app.command()
def poles(
    budget: Budget = 30,
    by_year: ByYear = "",
    candidates: Candidates = None,
    money: Money = None,
    share: Share = None,
    spacing: Spacing = 0.0,
    task: Task = "detect",
    forced: Forced = None,
    forbidden: Forbidden = None,
    sensitivity: Sensitivity = False,
    seconds: Seconds = 20.0,
    more: More = None,
    scenario: Scenario = None,
    region: Region = "",
    output: Output = None,
    as_json: AsJson = False,
) -> None:
    """Place poles that carry a 5G micro site, cameras and sensors together, and tell what sharing saves."""
    given = {
        "device": "poles", "budget": budget, "by_year": by_year, "candidates": candidates, "money": money,
        "target_share": share, "spacing_m": spacing, "task": task, "forced": forced, "forbidden": forbidden,
        "sensitivity": sensitivity, "seconds": seconds, "scenario": scenario,
    }  # fmt: skip
    _plan(given, more, region, output, as_json=as_json)


def _more(several: list[str] | None) -> dict[str, Any]:
    """Return parameters given as name=value, or name=@file for the text of a file."""
    found: dict[str, Any] = {}
    for one in several or ():
        name, sign, value = one.partition("=")
        if not sign:
            raise BadInput(f"--set {one}: write name=value", parameter=name)
        if value.startswith("@"):
            try:
                value = Path(value[1:]).read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise BadInput(f"{value[1:]} cannot be read as a text", file=value[1:]) from error
        found[name.strip()] = value
    return found


def _plan(
    given: dict[str, Any], more: list[str] | None, region: str, output: Path | None, *, as_json: bool
) -> None:
    if output is not None and output.suffix.lower() not in FORMATS:
        known = ", ".join(FORMATS)
        raise BadInput(f"{output.name}: name a file that ends in one of {known}", file=output.name)
    if output is not None and output.exists():
        raise BadInput(f"{output.name} is there already: name a new file", file=output.name)
    # What nobody named is left to the analysis.
    parameters = {name: value for name, value in given.items() if value not in (None, "")} | _more(more)

    def told(addresses: Addresses, run: dict[str, Any]) -> None:
        sites = asyncio.run(_sites(addresses, run["id"])).sort_values("rank")
        if output is not None:
            _write(sites, run, output)
        if not as_json:
            _print(sites, run)

    analysed("site_plan", parameters, region, as_json=as_json, told=told)


async def _sites(addresses: Addresses, run: int) -> GeoDataFrame:
    from layers.database import open_reading_pool
    from layers.runs.reading import find_result, read_features
    from layers.scope import Scope

    scope = Scope.everything("command line")
    pool = await open_reading_pool(addresses, size=1)
    try:
        async with pool.acquire() as connection:
            return await read_features(connection, scope, await find_result(connection, scope, run))
    finally:
        await pool.close()


def _write(sites: GeoDataFrame, run: dict[str, Any], output: Path) -> None:
    """Write all ranked sites; a table has their degrees, one of text begins with a mark for spreadsheets."""
    if output.suffix.lower() == ".xlsx":
        from api.run_files import feature_sheet
        from api.run_sheets import sheets_of
        from api.workbook import workbook
        from layers.definitions.loading import read_catalog
        from layers.runs.showing import columns

        catalog = read_catalog()
        first = feature_sheet("site_plan", sites, columns(run, catalog))
        output.write_bytes(workbook([first, *sheets_of(run, catalog)]))
    elif output.suffix.lower() == ".csv":
        table = sites.drop(columns="geometry").assign(
            lon=sites.geometry.x.round(7), lat=sites.geometry.y.round(7)
        )
        table.to_csv(output, encoding="utf-8-sig")
    else:
        sites.reset_index().to_file(output, layer="site_plan", engine="pyogrio")


def _degrees(azimuth: float) -> str:
    """Return a direction; a pole without a station has none."""
    return f"{azimuth:.0f}" if math.isfinite(azimuth) else "–"


def _print(sites: GeoDataFrame, run: dict[str, Any]) -> None:
    from rich.table import Table

    from api.cli.tables import show

    table = Table(
        "#",
        "年 year",
        "增益 gain",
        "累计 so far",
        "万元 cost",
        "方位 azimuth",
        "候选 from",
        "承载物 host",
        box=None,
    )
    for site in sites.head(_PRINTED).itertuples():
        table.add_row(
            f"{site.rank:.0f}", f"{site.year:.0f}", f"{site.gain:.4g}", f"{site.covered_share:.2%}",
            f"{site.cost:g}", _degrees(site.azimuth_deg), site.source, site.host or "–",
        )  # fmt: skip
    show(table)
    proof = next(one for one in run["summary"]["findings"] if one["what"] == "proof")
    facts = "; ".join(f"{name} {fact}" for name, fact in run["note"]["facts"].items() if fact is not None)
    typer.echo(f"run {run['id']}: {proof['text']}\n{facts}")
