"""Tiles in memory: the limit, and marks by place."""

from hypothesis import given
from hypothesis import strategies as st

from tilecache.address import TileAddress, TileRange, TileSet
from tilecache.memory import OVERHEAD, Tile, TileMemory
from tilecache.staleness import EVERYTHING, Mark

SETS = (TileSet("a", "1", "s", "a"), TileSet("a", "1", "t", "a", by_region=True), TileSet("b", "1", "s", "b"))


def tile(size=100, snapshot="10:10:"):
    return Tile(b"x" * size, False, "d", snapshot, 0.0, 1.0, size)


def test_the_bytes_never_pass_the_limit_and_the_least_recently_used_leave():
    memory = TileMemory(10 * (100 + OVERHEAD))
    addresses = [TileAddress(SETS[0], 10, x, 0) for x in range(20)]
    for address in addresses:
        memory.put(address, tile())
        memory.get(addresses[0])
        assert memory.bytes <= 10 * (100 + OVERHEAD)
    held = [address for address in addresses if memory.get(address)]
    assert held == [addresses[0], *addresses[-9:]]
    assert memory.evicted == 10


def test_a_tile_that_is_larger_than_everything_is_not_kept():
    memory = TileMemory(1000)
    memory.put(TileAddress(SETS[0], 1, 0, 0), tile(2000))
    assert len(memory) == 0


def test_use_is_counted_also_of_tiles_that_have_left():
    memory = TileMemory(2 * (100 + OVERHEAD))
    for x in range(4):
        one = tile()
        one.hits = x
        memory.put(TileAddress(SETS[0], 3, x, 0), one)
    assert {address.x: hits for address, hits in memory.take_used().items()} == {1: 1, 2: 2, 3: 3}
    assert memory.take_used() == {}


places = st.tuples(st.sampled_from(SETS), st.integers(3, 5), st.integers(0, 7), st.integers(0, 7))
ranges = st.builds(
    lambda z, x, y, w, h: TileRange(z, x, x + w, y, y + h),
    st.integers(3, 5), st.integers(0, 7), st.integers(0, 7), st.integers(0, 7), st.integers(0, 7),
)  # fmt: skip
marks = st.one_of(
    st.just(EVERYTHING),
    st.builds(Mark, st.sampled_from("ab"), st.integers(8, 12), st.none() | st.frozensets(ranges, max_size=3)),
    st.builds(Mark, st.just("regions"), st.integers(8, 12), st.none(), st.just(True)),
)


@given(st.sets(places), st.lists(marks, max_size=4), st.integers(8, 12))
def test_exactly_the_tiles_that_a_mark_touches_are_stale(held, made, xmax):
    memory = TileMemory(10**9)
    addresses = [TileAddress(*one) for one in held]
    for address in addresses:
        memory.put(address, tile(snapshot=f"{xmax}:{xmax}:"))
    for mark in made:
        memory.mark(mark, 5.0)
    for address in addresses:
        found = memory.get(address)
        expected = any(mark.touches(address, found.snapshot) for mark in made)
        assert (found.stale_since == 5.0) == expected
