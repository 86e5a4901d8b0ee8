"""Coverage along lines against shapely's own lengths and differences."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geo.errors import BadInput
from geo.radio import covered_lengths, gap_segments, stations_on

CRS = 4548


def lines(*shapes: shapely.Geometry) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(index=[f"G{at}" for at in range(len(shapes))], geometry=list(shapes), crs=CRS)


@given(
    st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 4000)), min_size=2, max_size=8, unique=True),
    st.integers(0, 4000), st.integers(0, 4000), st.integers(200, 2500), st.sampled_from([5.0, 25.0]),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_covered_length_is_that_of_the_part_inside_a_circle(points, x, y, radius, step) -> None:
    way = shapely.LineString([(500_000 + east, 3_500_000 + north) for east, north in points])
    assume(way.is_simple)  # shapely's intersection counts a way that goes back over itself once
    disc = shapely.Point(500_000 + x, 3_500_000 + y).buffer(radius, quad_segs=64)
    on = stations_on(lines(way), step_m=step)
    reached = shapely.covers(disc, on.geometry.to_numpy())
    found = covered_lengths(on, reached).loc["G0"]
    assert found["length_km"] * 1000 == pytest.approx(way.length)
    # Each crossing of the circle is known to half a piece.
    crossings = len(shapely.get_parts(way.intersection(disc.exterior))) + 2
    inside = way.intersection(disc).length
    assert found["covered_km"] * 1000 == pytest.approx(inside, abs=step * crossings)
    gaps = gap_segments(on, reached, least_m=0)
    assert gaps["length_m"].sum() == pytest.approx(way.length - found["covered_km"] * 1000, abs=1e-6)


def test_gaps_are_stretches_of_one_line_the_longest_first() -> None:
    first = shapely.LineString([(5e5, 0), (5e5 + 2000, 0)])
    second = shapely.LineString([(5e5 + 2000, 0), (5e5 + 2000, 500)])
    on = stations_on(lines(first, second))
    # Nothing but the middle of the first is reached: the end of one and the second are two gaps.
    reached = (on["line"] == "G0") & (on["at_m"] > 300) & (on["at_m"] < 1500)
    found = gap_segments(on, reached)
    assert found[["line", "from_m", "to_m"]].to_numpy().tolist() == [
        ["G0", 1500, 2000], ["G1", 0, 500], ["G0", 0, 300],
    ]  # fmt: skip
    assert gap_segments(on, reached, least_m=400)["line"].tolist() == ["G0", "G1"]
    assert len(gap_segments(on, np.ones(len(on)))) == 0


def test_degrees_are_measured_on_the_ground_and_areas_by_their_banks() -> None:
    # 0.01 degrees of latitude at 31.75 N: 1,108.8 m on the ellipsoid (Vincenty).
    north = gpd.GeoDataFrame(geometry=[shapely.LineString([(117, 31.75), (117, 31.76)])], crs=4326)
    assert covered_lengths(stations_on(north), np.ones(45))["length_km"].iloc[0] == pytest.approx(
        1.1088, abs=2e-4
    )
    river = lines(shapely.box(5e5, 0, 5e5 + 1000, 50))
    on = stations_on(river)
    assert covered_lengths(on, np.ones(len(on)))["length_km"].iloc[0] == pytest.approx(2.1)


def test_parts_of_a_line_are_walked_apart_and_nothing_gives_nothing() -> None:
    two = shapely.MultiLineString([[(0, 0), (100, 0)], [(500, 0), (700, 0)]])
    on = stations_on(lines(two))
    assert on.groupby("part")["length_m"].sum().tolist() == [100, 200]
    assert gap_segments(on, np.zeros(len(on)))["length_m"].tolist() == [200, 100]
    none = stations_on(lines())
    assert len(covered_lengths(none, [])) == len(gap_segments(none, [])) == 0


def test_what_cannot_be_is_refused() -> None:
    way = lines(shapely.LineString([(0, 0), (100, 0)]))
    with pytest.raises(BadInput, match="CRS"):
        stations_on(way.set_crs(None, allow_override=True))
    with pytest.raises(BadInput, match="points"):
        stations_on(lines(shapely.Point(0, 0)))
    with pytest.raises(BadInput, match="apart"):
        stations_on(way, step_m=0)
    with pytest.raises(BadInput, match="one length"):
        covered_lengths(stations_on(way), [True])
