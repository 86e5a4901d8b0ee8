"""What a list of layers means for one reader: which tiles to look for, and how to draw them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.errors import NoTiles, RepeatedLayer, TooManyLayers
from api.limits import MOST_LAYERS_A_TILE
from api.parameters import bad
from layers.definitions import GeometryFamily, LayerDefinition
from layers.definitions.loading import Catalog
from layers.features.moments import Moment
from layers.scope import LayerScope, Scope
from tilecache.address import TileSet
from tilecache.store import Freshness

if TYPE_CHECKING:
    from api.service import Service

#: How many plans are kept.
_MOST = 2048


@dataclass(frozen=True, slots=True)
class PlannedLayer:
    """One layer for one reader."""

    definition: LayerDefinition
    scope: LayerScope
    tiles: TileSet
    zooms: range
    freshness: Freshness
    moment: Moment | None = None


Plan = tuple[PlannedLayer, ...]


class Plans:
    """Plans by list and reader; a change of the catalogue forgets them all."""

    def __init__(self) -> None:
        self._catalog: Catalog | None = None
        self._known: dict[tuple[str, Scope, Moment | None], Plan] = {}

    def plan(self, service: Service, scope: Scope, names: str, moment: Moment | None = None) -> Plan:
        """Return the layers of a comma-separated list, in its order, as of a moment or as they are now.

        Raises
        ------
        TooManyLayers, RepeatedLayer, NoLayer, NoTiles, BadParameter
            A list may not multiply the work of one request.
        """
        if self._catalog is not service.catalog or len(self._known) > _MOST:
            self._catalog = service.catalog
            self._known = {}
        found = self._known.get((names, scope, moment))
        if found is None:
            found = self._known[names, scope, moment] = tuple(_planned(service, scope, names, moment))
        return found


def _planned(service: Service, scope: Scope, names: str, moment: Moment | None) -> list[PlannedLayer]:
    asked = names.split(",")
    if len(asked) > MOST_LAYERS_A_TILE:
        raise TooManyLayers("too many layers in one tile", given=len(asked), limit=MOST_LAYERS_A_TILE)
    if not all(asked):
        raise bad("layers", names, "layers")
    found: list[PlannedLayer] = []
    for name in asked:
        definition, layer_scope = service.layer(name, scope)
        if asked.count(name) > 1:
            raise RepeatedLayer("a layer stands twice", layer=name)
        if definition.geometry is GeometryFamily.NONE or definition.zoom is None:
            raise NoTiles("the layer has no geometry", layer=name)
        found.append(
            PlannedLayer(
                definition,
                layer_scope,
                TileSet.of_layer(definition, layer_scope, moment),
                range(definition.zoom.min, definition.zoom.max + 1),
                Freshness(definition.freshness),
                moment,
            )
        )
    return found
