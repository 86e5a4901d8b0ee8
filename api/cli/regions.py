"""``onemap regions``: the tree and the grid systems, and whether they fit together."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import psycopg

app = typer.Typer(
    help="Regions: the tree to the community and the grid systems below it.", no_args_is_help=True
)

System = Annotated[
    str | None,
    typer.Option(help="admin, unit_grid, governance_grid, neighbour_unit or osm; all where left out."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


@contextmanager
def _reading() -> Iterator[psycopg.Connection[Any]]:
    """Give a connection of the application's role that may read every region."""
    from api.cli.database import city_database
    from api.settings import read_settings
    from layers.database import connect_application, scoped
    from layers.schema.migrating import migrate
    from layers.scope import Scope

    with city_database(read_settings()) as addresses:
        migrate(addresses)
        with (
            connect_application(addresses) as connection,
            scoped(connection, Scope.everything("command line")) as reading,
        ):
            yield reading


@app.command("list")
def list_them(
    system: System = None,
    parent: Annotated[str | None, typer.Option(help="Only the regions right below this code.")] = None,
    as_json: AsJson = False,
) -> None:
    """List regions with their code, level and name."""
    from rich.table import Table

    from api.cli.tables import show
    from layers.regions.tree import list_regions

    with _reading() as connection:
        regions = list_regions(connection, system=system, parent=parent)
    if as_json:
        typer.echo(json.dumps([asdict(region) for region in regions], ensure_ascii=False))
        return
    table = Table("system", "code", "level", "name", "parent", "residents", box=None)
    for region in regions:
        residents = "" if region.residents is None else f"{region.residents:,}"
        table.add_row(
            region.system, region.code, region.level or "", region.name, region.parent_code or "", residents
        )
    show(table)


@app.command("show")
def show_one(code: Annotated[str, typer.Argument(help="Region code.")], as_json: AsJson = False) -> None:
    """Show a region, what it lies in and what lies right below it."""
    from layers.regions.tree import list_regions, way_up

    with _reading() as connection:
        up = way_up(connection, code)
        below = list_regions(connection, parent=code)
    if as_json:
        parts = {
            "region": asdict(up[0]),
            "above": [asdict(r) for r in up[1:]],
            "below": [asdict(r) for r in below],
        }
        typer.echo(json.dumps(parts, ensure_ascii=False))
        return
    typer.echo(" › ".join(f"{region.name} {region.code}" for region in reversed(up)))
    for region in below:
        typer.echo(f"  {region.code}  {region.name}")


@app.command("check")
def check_them(
    system: System = None,
    tolerance: Annotated[float, typer.Option(help="Square metres up to which a part is rounding.")] = 1.0,
    as_json: AsJson = False,
) -> None:
    """Report gaps, overlaps, orphans and bad codes of each system; exit code 1 where there is one."""
    from layers.regions.checks import SYSTEMS, check

    with _reading() as connection:
        findings = [
            finding
            for name in ([system] if system else SYSTEMS)
            for finding in check(connection, name, tolerance_m2=tolerance)
        ]
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False))
    else:
        for one in findings:
            parts = [one.system, one.kind, one.code or "", f"and {one.other}" if one.other else ""]
            if one.area_m2 is not None:
                parts.append(f"{one.area_m2:,.1f} m²")
            if one.at is not None:
                parts.append(f"at {one.at[0]:.6f}, {one.at[1]:.6f}")
            typer.echo("  ".join(part for part in parts if part))
        typer.echo(
            f"{len(findings)} findings" if findings else "no findings: every system fits its own extent"
        )
    if findings:
        raise typer.Exit(1)
