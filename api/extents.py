"""Extents of layers as kept by the database; a map must open without them too."""

from __future__ import annotations

from collections.abc import Sequence

from api.ogc.crs import Box
from api.service import Service
from geo.errors import Unavailable
from layers.definitions import GeometryFamily, LayerDefinition
from layers.features.reading import extent_of
from layers.scope import Scope


async def extents(service: Service, scope: Scope, layers: Sequence[LayerDefinition]) -> dict[str, Box | None]:
    """Return west, south, east, north in degrees by layer name.

    None stands for a layer that is empty or has no geometry, and for all layers while the database is away:
    lists of layers come from files and are answered without it.
    """
    found: dict[str, Box | None] = dict.fromkeys((layer.name for layer in layers), None)
    drawn = [layer for layer in layers if layer.geometry is not GeometryFamily.NONE]
    try:
        async with service.database.connection() as connection:
            for layer in drawn:
                found[layer.name] = await extent_of(connection, layer, scope.for_layer(layer))
    except Unavailable:
        return dict.fromkeys(found, None)
    return found
