"""The tile matrix sets that tiles are offered in (OGC Two Dimensional Tile Matrix Set, 17-083r4)."""

from __future__ import annotations

from functools import cache
from typing import Any

import morecantile
from fastapi import APIRouter, Request
from starlette.responses import Response

from api import links
from api.errors import NoTileMatrixSet, OutsideMatrix
from api.language import language_of
from api.limits import GREATEST_ZOOM
from api.ogc.answers import answer
from api.ogc.crs import Box

MERCATOR = "WebMercatorQuad"
DEGREES = "WorldCRS84Quad"
#: Names of the sets, the one of the map first.
NAMES = (MERCATOR, DEGREES)
_URI = "http://www.opengis.net/def/tilematrixset/OGC/1.0/"


def uri_of(name: str) -> str:
    """Return the registered URI of a set.

    Examples
    --------
    >>> uri_of("WebMercatorQuad")
    'http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad'
    """
    return _URI + name


@cache
def matrix_set(name: str) -> morecantile.TileMatrixSet:
    """Return one of the sets.

    Raises
    ------
    NoTileMatrixSet
        Where it is none of `NAMES`.
    """
    if name not in NAMES:
        raise NoTileMatrixSet("no such tile matrix set", name=name[:64], known=list(NAMES))
    return morecantile.tms.get(name)


@cache
def document(name: str) -> dict[str, Any]:
    """Return the definition of a set, zoom 0 to 22, as the standard's JSON."""
    found: dict[str, Any] = matrix_set(name).model_dump(mode="json", exclude_none=True, by_alias=True)
    found["uri"] = uri_of(name)
    found["tileMatrices"] = [matrix for matrix in found["tileMatrices"] if int(matrix["id"]) <= GREATEST_ZOOM]
    return found


def crs_of(name: str) -> str:
    """Return the URI of the reference system of a set."""
    return str(document(name)["crs"])


def tile_of(name: str, matrix: str, row: str, column: str) -> tuple[int, int, int]:
    """Return zoom, column and row of a tile of a set as numbers.

    Raises
    ------
    OutsideMatrix
        Where it is not a tile of the set.

    Examples
    --------
    >>> tile_of("WorldCRS84Quad", "0", "0", "1")
    (0, 1, 0)
    """
    texts = (matrix, column, row)
    # at most eight ASCII digits: 2^23 has seven, and nothing longer is worth converting
    if all(0 < len(text) <= 8 and text.isascii() and text.isdigit() for text in texts):
        zoom, x, y = (int(text) for text in texts)
        if zoom <= GREATEST_ZOOM:
            wide = 2 if name == DEGREES else 1
            if x < wide * 2**zoom and y < 2**zoom:
                return zoom, x, y
    raise OutsideMatrix("no such tile", z=matrix[:24], x=column[:24], y=row[:24])


def frame_in_degrees(zoom: int, column: int, row: int) -> Box:
    """Return west, south, east, north of a tile of WorldCRS84Quad.

    Examples
    --------
    >>> frame_in_degrees(1, 3, 0)
    (90.0, 0.0, 180.0, 90.0)
    """
    width = 180 / 2**zoom
    west, north = column * width - 180, 90 - row * width
    return (west, north - width, west + width, north)


def tile_matrix_sets(request: Request) -> Response:
    """Return the sets that tiles are offered in."""
    title = "瓦片矩阵集" if language_of(request) == "zh" else "Tile matrix sets"
    return answer(
        request,
        {
            "tileMatrixSets": [
                {
                    "id": name,
                    "title": str(document(name).get("title", name)),
                    "uri": uri_of(name),
                    "crs": crs_of(name),
                    "links": [
                        links.link(
                            links.address(request, f"/ogc/tileMatrixSets/{name}"), "self", links.JSON, name
                        )
                    ],
                }
                for name in NAMES
            ]
        },
        title=title,
    )


def tile_matrix_set(matrix_set_id: str, request: Request) -> Response:
    """Return the definition of one set."""
    matrix_set(matrix_set_id)
    return answer(request, document(matrix_set_id), title=matrix_set_id)


def add_routes(router: APIRouter) -> None:
    """Add the addresses of the sets."""
    path = "/ogc/tileMatrixSets"
    router.add_api_route(path, tile_matrix_sets, operation_id="tileMatrixSets", summary="Tile matrix sets")
    router.add_api_route(
        f"{path}/{{matrix_set_id}}", tile_matrix_set, operation_id="tileMatrixSet",
        summary="One tile matrix set",
    )  # fmt: skip
