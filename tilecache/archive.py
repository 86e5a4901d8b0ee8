"""Tiles of a layer as one PMTiles file (version 3), for what seldom changes: written, and read back."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pmtiles.reader import MmapSource, Reader, all_tiles
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from geo.errors import BadInput
from tilecache.address import TileAddress
from tilecache.memory import Tile
from tilecache.render import compress
from tilecache.render import packed as as_kept

#: Name under which our own facts stand in the metadata.
_FACTS = "onemap"


@dataclass(frozen=True, slots=True)
class ArchiveFacts:
    """What an archive of ours says of itself.

    Attributes
    ----------
    layer, generation, scope : str
        Of the tile set.
    drawn_at : float
        Seconds since 1970 when its oldest tile was drawn.
    """

    layer: str
    generation: str
    scope: str
    drawn_at: float


def write_archive(
    path: Path,
    tiles: list[tuple[TileAddress, Tile]],
    bounds: tuple[float, float, float, float],
    vector_layers: list[dict[str, Any]],
) -> int:
    """Write tiles of one tile set and return their number; empty ones are left out.

    Parameters
    ----------
    bounds : tuple of float
        West, south, east, north in degrees.
    vector_layers : list of dict
        As in TileJSON.

    Raises
    ------
    BadInput
        Where there is nothing to write.
    """
    full = [(address, tile) for address, tile in tiles if tile.size]
    if not full:
        raise BadInput("no tile of this layer is kept; run `onemap tiles seed` first")
    # An archive in the order of its ids is read with fewer requests.
    full.sort(key=lambda one: int(zxy_to_tileid(*one[0][1:])))
    first = full[0][0].tiles
    facts = {
        "layer": first.layer, "generation": first.generation, "scope": first.scope,
        "drawn_at": min(tile.drawn_at for _, tile in full),
    }  # fmt: skip
    west, south, east, north = (round(degrees * 1e7) for degrees in bounds)
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("wb") as file:
        writer = Writer(file)
        for address, tile in full:
            writer.write_tile(zxy_to_tileid(*address[1:]), tile.body if tile.packed else compress(tile.body))
        writer.finalize(
            {
                "tile_type": TileType.MVT, "tile_compression": Compression.GZIP,
                "min_lon_e7": west, "min_lat_e7": south, "max_lon_e7": east, "max_lat_e7": north,
                "center_zoom": full[0][0].z, "center_lon_e7": (west + east) // 2,
                "center_lat_e7": (south + north) // 2,
            },
            {"name": first.layer, "format": "pbf", "vector_layers": vector_layers, _FACTS: facts},
        )  # fmt: skip
    unfinished.replace(path)
    return len(full)


def read_archive(path: Path) -> tuple[ArchiveFacts, Iterator[tuple[tuple[int, int, int], Tile]]]:
    """Return what an archive of ours says of itself, and its tiles as they are kept.

    Raises
    ------
    BadInput
        Where the file is no such archive.
    """
    file = path.open("rb")
    source = MmapSource(file)
    try:
        reader = Reader(source)
        metadata = reader.metadata()
        packed = reader.header()["tile_compression"] is Compression.GZIP
        facts = ArchiveFacts(**metadata[_FACTS])
    except Exception as error:
        file.close()
        raise BadInput(f"{path} is no PMTiles archive of One Map: {error}", file=str(path)) from error

    def tiles() -> Iterator[tuple[tuple[int, int, int], Tile]]:
        with file:
            for address, body in all_tiles(source):
                data = gzip.decompress(body) if packed else body
                yield address, as_kept(data, "", facts.drawn_at, 0.0)

    return facts, tiles()
