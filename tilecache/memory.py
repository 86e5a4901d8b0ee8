"""Tiles kept in memory: the least recently used leave when the bytes are over a limit."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from tilecache.address import TileAddress
from tilecache.staleness import Mark

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

#: What an entry costs beside its bytes: objects, dictionaries, the index.
OVERHEAD = 600


@dataclass(slots=True)
class Tile:
    """One drawn tile.

    Attributes
    ----------
    body : bytes
        Mapbox vector tile, compressed where ``packed``.
    packed : bool
        True for gzip; small tiles are kept as they are.
    digest : str
        Of the body: equal content has equal ETags.
    snapshot : str
        ``pg_current_snapshot()`` of the query that drew it.
    drawn_at : float
        Seconds since 1970 when the query began.
    cost_ms : float
        How long drawing took.
    size : int
        Bytes before compression.
    stale_since : float or None
        Seconds since 1970; None while nothing is known to have changed.
    hits : int
        How often it was answered since it was last counted on disk.
    """

    body: bytes
    packed: bool
    digest: str
    snapshot: str
    drawn_at: float
    cost_ms: float
    size: int
    stale_since: float | None = None
    hits: int = 0

    @property
    def weight(self) -> int:
        """Bytes in memory."""
        return len(self.body) + OVERHEAD


class WeighedCache(Generic[K, V]):
    """Least-recently-used mapping with a limit by weight.

    Parameters
    ----------
    limit : int
        Greatest sum of the weights.
    weigh : callable
        Weight of a value.
    dropped : callable, optional
        Told every key and value that leaves.

    Examples
    --------
    >>> kept = WeighedCache(10, len)
    >>> for name, text in (("a", "1234"), ("b", "5678"), ("c", "90")):
    ...     kept.put(name, text)
    >>> kept.get("a")
    '1234'
    >>> kept.put("d", "xy")
    >>> kept.get("b") is None, kept.weight
    (True, 8)
    """

    def __init__(
        self, limit: int, weigh: Callable[[V], int], dropped: Callable[[K, V], None] | None = None
    ) -> None:
        self.limit = limit
        self.weight = 0
        self.evicted = 0
        self._weigh = weigh
        self._dropped = dropped
        self._held: OrderedDict[K, V] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    def get(self, key: K) -> V | None:
        """Return a value and count it as used now."""
        found = self._held.get(key)
        if found is not None:
            self._held.move_to_end(key)
        return found

    def peek(self, key: K) -> V | None:
        """Return a value without counting it as used."""
        return self._held.get(key)

    def items(self) -> list[tuple[K, V]]:
        """Return all keys and values, the longest unused first."""
        return list(self._held.items())

    def put(self, key: K, value: V) -> None:
        """Keep a value in place of another one; what is larger than the limit is not kept."""
        self.pop(key)
        added = self._weigh(value)
        if added > self.limit:
            return
        self._held[key] = value
        self.weight += added
        while self.weight > self.limit:
            self.evicted += 1
            self.pop(next(iter(self._held)))

    def pop(self, key: K) -> None:
        """Drop a value if it is there."""
        value = self._held.pop(key, None)
        if value is not None:
            self.weight -= self._weigh(value)
            if self._dropped is not None:
                self._dropped(key, value)


class TileMemory:
    """Tiles by address, with an index by place for marking them stale.

    Parameters
    ----------
    limit : int
        Greatest number of bytes.
    """

    def __init__(self, limit: int) -> None:
        self._cache: WeighedCache[TileAddress, Tile] = WeighedCache(
            limit, lambda tile: tile.weight, self._forget
        )
        # table → zoom → place → addresses: a layer's parts and scopes lie at one place
        self._places: dict[str, dict[int, dict[tuple[int, int], set[TileAddress]]]] = {}
        self._used: dict[TileAddress, int] = {}

    def __len__(self) -> int:
        return len(self._cache)

    @property
    def bytes(self) -> int:
        """Bytes in use."""
        return self._cache.weight

    @property
    def evicted(self) -> int:
        """How many tiles had to leave."""
        return self._cache.evicted

    def get(self, address: TileAddress) -> Tile | None:
        """Return a tile, stale or not."""
        return self._cache.get(address)

    def put(self, address: TileAddress, tile: Tile) -> None:
        """Keep a tile in place of an older one."""
        self._cache.put(address, tile)
        if self._cache.get(address) is tile:
            zooms = self._places.setdefault(address.tiles.source, {})
            zooms.setdefault(address.z, {}).setdefault((address.x, address.y), set()).add(address)

    def mark(self, mark: Mark, at: float) -> int:
        """Mark tiles stale and return how many were not so before."""
        changed = 0
        for address in list(self._meant(mark)):
            tile = self._cache.peek(address)
            if tile is not None and tile.stale_since is None and mark.touches(address, tile.snapshot):
                tile.stale_since = at
                changed += 1
        return changed

    def take_used(self) -> dict[TileAddress, int]:
        """Return how often tiles were answered since the last call, also tiles that have left."""
        used, self._used = self._used, {}
        for address, tile in self._cache.items():
            if tile.hits:
                used[address] = used.get(address, 0) + tile.hits
                tile.hits = 0
        return used

    def _meant(self, mark: Mark) -> Iterator[TileAddress]:
        """Yield addresses among which are all that a mark touches."""
        if mark.ranges is None or mark.regions:
            yield from (one for one, _ in self._cache.items() if mark.concerns(one.tiles))
            return
        zooms = self._places.get(mark.source, {})
        for area in mark.ranges:
            places = zooms.get(area.z)
            if not places:
                continue
            if area.size > len(places):
                for (x, y), addresses in places.items():
                    if area.holds(area.z, x, y):
                        yield from addresses
            else:
                for x in range(area.x_min, area.x_max + 1):
                    for y in range(area.y_min, area.y_max + 1):
                        yield from places.get((x, y), ())

    def _forget(self, address: TileAddress, tile: Tile) -> None:
        if tile.hits:
            self._used[address] = self._used.get(address, 0) + tile.hits
        places = self._places[address.tiles.source][address.z]
        addresses = places[address.x, address.y]
        addresses.discard(address)
        if not addresses:
            del places[address.x, address.y]
