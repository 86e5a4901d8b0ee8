"""``onemap tiles``: draw tiles before they are asked for, see what is kept, and throw it away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from api.service import Service
    from api.tile_plans import PlannedLayer
    from layers.database import Addresses
    from layers.scope import Scope
    from tilecache.address import TileAddress
    from tilecache.disk import Disk
    from tilecache.seeding import Progress, SeededLayer
    from tilecache.store import Drawing

#: Seconds for the drawing of one tile, beyond every limit of a statement.
_PATIENCE = 600.0

app = typer.Typer(help="Tiles that are kept: draw, look at, throw away.", no_args_is_help=True)

Layers = Annotated[list[str] | None, typer.Argument(help="Names of layers; all with tiles where left out.")]
Zooms = Annotated[
    str | None, typer.Option(help="Zooms as FROM-TO or one number, inside those of the layers.")
]


@app.command()
def seed(
    layers: Layers = None,
    zooms: Zooms = None,
    anew: Annotated[bool, typer.Option("--anew", help="Begin at the first tile again.")] = False,
    pause: Annotated[
        bool, typer.Option("--pause", help="Ask running seedings to stop where they are.")
    ] = False,
    at_once: Annotated[int, typer.Option(min=1, max=16, help="Tiles drawn side by side.")] = 2,
) -> None:
    """Draw tiles that are missing or stale; the same command goes on after Ctrl-C, kill or --pause."""
    from api.cli.database import city_database
    from api.cli.logs import log_to_stderr
    from api.settings import read_settings
    from tilecache.disk import Disk
    from tilecache.seeding import PAUSED, pause_all

    log_to_stderr()
    settings = read_settings()
    if pause:
        disk = Disk(settings.tile_folder)
        typer.echo(f"{pause_all(disk)} asked to pause; the same command without --pause goes on")
        disk.close()
        return
    with city_database(settings) as addresses:
        try:
            done = asyncio.run(_seed(addresses, layers, zooms, anew, at_once))
        except KeyboardInterrupt:
            typer.echo("Stopped; the same command goes on from here.", err=True)
            raise typer.Exit(130) from None
    word = "Paused" if done.state == PAUSED else "Done"
    failed = f", {done.failed} could not be drawn" if done.failed else ""
    typer.echo(f"{word}: {done.done} of {done.total} tiles, {done.drawn} drawn now{failed}")


async def _seed(
    addresses: Addresses, names: list[str] | None, zooms: str | None, anew: bool, at_once: int
) -> Progress:
    from api.cli.progress import Steps
    from tilecache.seeding import Seeding

    async with _service(addresses) as (service, disk, scope):
        # no reader waits here: a tile counts as drawn when it is, however long that takes
        service.tiles.patience = _PATIENCE
        layers = await _seeded(service, scope, names, zooms)
        with Steps() as steps:

            def tell(progress: Progress) -> None:
                steps.tell("Tiles", progress.done / max(1, progress.total))

            return await Seeding(service.tiles, disk, layers).run(tell, anew=anew, at_once=at_once)


@app.command()
def stat() -> None:
    """Show what is kept on disk: tiles, bytes, how many are stale, how often they were answered."""
    from rich.table import Table

    from api.cli.tables import show
    from api.settings import read_settings
    from tilecache.disk import Disk
    from tilecache.keeping import kept_layers, kept_seedings

    disk = Disk(read_settings().tile_folder)
    table = Table("layer", "zooms", "tiles", "stale", "MB", "answers", "oldest, hours", box=None)
    for row in kept_layers(disk):
        hours = (time.time() - row.oldest) / 3600
        table.add_row(
            row.layer, f"{row.zooms[0]}–{row.zooms[1]}", str(row.tiles), str(row.stale),
            f"{row.bytes / 1e6:.1f}", str(row.hits), f"{hours:.1f}",
        )  # fmt: skip
    show(table)
    for name, state, done, total in kept_seedings(disk):
        typer.echo(f"seeding {name}: {state}, {done} of {total}")
    disk.close()


@app.command()
def purge(
    layers: Layers = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete kept tiles; running services draw them anew."""
    from api.settings import read_settings
    from tilecache.disk import Disk
    from tilecache.keeping import purge as purge_tiles

    what = ", ".join(layers) if layers else "every layer"
    if not yes:
        typer.confirm(
            f"Delete the tiles of {what}? Without the database they cannot be drawn again.", abort=True
        )
    disk = Disk(read_settings().tile_folder)
    typer.echo(f"{purge_tiles(disk, layers)} tiles deleted")
    disk.close()


@app.command("pack")
def pack(
    layer: Annotated[str, typer.Argument(help="Name of the layer.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="File to write, ending in .pmtiles.")],
) -> None:
    """Write the kept tiles of a layer, as far as they are fresh, to one PMTiles file."""
    from api.cli.database import city_database
    from api.settings import read_settings

    with city_database(read_settings()) as addresses:
        count = asyncio.run(_pack(addresses, layer, output))
    typer.echo(f"{count} tiles in {output}")


async def _pack(addresses: Addresses, name: str, output: Path) -> int:
    from api.routes.tiles import vector_layer
    from layers.features.reading import extent_of
    from tilecache.address import TileAddress
    from tilecache.archive import write_archive
    from tilecache.keeping import places_of

    async with _service(addresses) as (service, disk, scope):
        (planned,) = service.plans.plan(service, scope, name)
        kept = []
        for place in places_of(disk, planned.tiles):
            tile = disk.read(TileAddress(planned.tiles, *place))
            if tile is not None and tile.stale_since is None:
                kept.append((TileAddress(planned.tiles, *place), tile))
        async with service.database.connection() as connection:
            extent = await extent_of(connection, planned.definition, planned.scope)
        bounds = extent or (-180.0, -85.0, 180.0, 85.0)
        return write_archive(output, kept, bounds, [vector_layer(planned.definition, "en")])


@app.command("unpack")
def unpack(
    file: Annotated[Path, typer.Argument(help="PMTiles file that `onemap tiles pack` wrote.")],
) -> None:
    """Keep the tiles of a PMTiles file, as stale: what is shown while the database is away."""
    from api.service import Service
    from api.settings import read_settings
    from layers.definitions.loading import read_catalog
    from layers.scope import Scope
    from tilecache.address import TileAddress
    from tilecache.archive import read_archive
    from tilecache.disk import Disk

    settings = read_settings()
    facts, tiles = read_archive(file)
    service = Service.made_from(settings, read_catalog())
    (planned,) = service.plans.plan(service, Scope.everything("command line"), facts.layer)
    if planned.tiles.generation != facts.generation:
        typer.echo(f"layer {facts.layer} is defined differently now; nothing was kept", err=True)
        raise typer.Exit(1)
    disk = Disk(settings.tile_folder)
    count = 0
    for place, tile in tiles:
        tile.stale_since = facts.drawn_at
        disk.write([(TileAddress(planned.tiles, *place), tile, time.monotonic())])
        count += 1
    disk.close()
    typer.echo(f"{count} tiles of {facts.layer}")


@asynccontextmanager
async def _service(addresses: Addresses) -> AsyncIterator[tuple[Service, Disk, Scope]]:
    """Give a service that follows the change log and answers nobody, and its disk."""
    from api.service import Service
    from api.settings import read_settings
    from geo.errors import Unavailable
    from layers.definitions.loading import read_catalog
    from layers.scope import Scope
    from tilecache.disk import Disk

    service = Service.made_from(read_settings().serving(addresses), read_catalog())
    service.tiles.start()
    disk = service.tiles.journal
    if not isinstance(disk, Disk):
        raise Unavailable("tiles are not kept on disk; see ONEMAP_TILE_DISK_MB")
    service.feed.start()
    try:
        async with asyncio.timeout(30):
            while service.feed.position is None:
                await asyncio.sleep(0.02)
        yield service, disk, Scope.everything("command line")
    finally:
        await service.feed.stop()
        await service.tiles.close()
        await service.database.close()


async def _seeded(
    service: Service, scope: Scope, names: list[str] | None, zooms: str | None
) -> list[SeededLayer]:
    """Return what to draw of each layer: its zooms inside its extent."""
    from api.parameters import bad
    from layers.features.reading import extent_of
    from tilecache.address import mercator_box
    from tilecache.seeding import SeededLayer

    chosen = names or [layer.name for layer in service.open_layers(scope) if layer.zoom is not None]
    low, high = 0, 22
    if zooms is not None:
        parts = zooms.split("-")
        if not 1 <= len(parts) <= 2 or not all(part.isdigit() for part in parts):
            raise bad("zooms", zooms, "whole-number", low=0, high=22)
        low, high = int(parts[0]), int(parts[-1])
    found = []
    for name in chosen:
        (planned,) = service.plans.plan(service, scope, name)
        async with service.database.connection() as connection:
            extent = await extent_of(connection, planned.definition, planned.scope)
        wanted = range(max(low, planned.zooms.start), min(high, planned.zooms.stop - 1) + 1)
        if extent is not None and wanted:
            found.append(SeededLayer(planned.tiles, mercator_box(extent), wanted, _drawing(service, planned)))
    return found


def _drawing(service: Service, planned: PlannedLayer) -> Callable[[TileAddress], Awaitable[Drawing]]:
    from tilecache.render import render

    async def draw(address: TileAddress) -> Drawing:
        async with service.database.connection() as connection:
            return await render(connection, planned.definition, planned.scope, *address[1:])

    return draw
