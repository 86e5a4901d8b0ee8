"""Regions and grids of the small town."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from sample_gis.city import City
from sample_gis.people.daytime import people_by_day
from sample_gis.shapes.grouping import groups_of, land_of
from tests.sample_gis.lived_in import GRIDS, RESIDENTS, lived_in_town


@pytest.fixture(scope="module")
def lived_in() -> City:
    return lived_in_town()


def test_residents_of_buildings_cells_and_regions_add_up_to_the_figure(lived_in: City) -> None:
    regions = lived_in.layers["regions"]
    assert lived_in.residents.sum() == RESIDENTS
    assert lived_in.layers["population"]["residents"].sum() == RESIDENTS
    for level in ("county", "town", "community", "governance_grid"):
        assert regions.loc[regions["level"] == level, "residents"].sum() == RESIDENTS


def test_age_bands_add_up_in_every_cell(lived_in: City) -> None:
    cells = lived_in.layers["population"]
    bands = cells.filter(regex=r"^residents_").sum(axis=1)
    assert (bands == cells["residents"]).all()
    assert (cells[["residents", "day_population"]].sum(axis=1) > 0).all()


def test_people_move_by_day_and_none_is_gained_or_lost(lived_in: City) -> None:
    cells = lived_in.layers["population"]
    assert (cells["night_population"] == cells["residents"]).all()
    assert cells["day_population"].sum() == RESIDENTS
    assert (cells["day_population"] >= 0).all()
    moved = (cells["day_population"] - cells["night_population"]).abs().sum() / 2
    assert 0.2 < moved / RESIDENTS < 0.6
    assert cells["mobile_users"].sum() == lived_in.profile.count("mobile_users")


def test_schools_and_factories_are_full_by_day_and_empty_by_night(lived_in: City) -> None:
    by_day, by_night = people_by_day(lived_in), lived_in.residents.to_numpy()
    use = lived_in.buildings["use"].to_numpy()
    assert (by_day[use == "factory"] > 0).all()
    assert (by_night[use == "factory"] == 0).all()
    assert by_day[use == "apartment"].sum() < by_night[use == "apartment"].sum()


def test_governance_grids_tile_their_community(lived_in: City) -> None:
    regions = lived_in.layers["regions"]
    grids = regions[regions["system"] == "governance_grid"]
    communities = regions[regions["level"] == "community"].set_index("code").geometry
    # The village has a single house, so a single grid.
    assert len(communities) < len(grids) <= GRIDS
    assert set(grids["community_code"]) == set(communities.index)
    for code, own in grids.groupby("community_code"):
        together = shapely.union_all(own.geometry.to_numpy())
        assert shapely.area(shapely.symmetric_difference(together, communities[code])) < 1.0
        assert own.area.sum() == pytest.approx(together.area, abs=1.0)


def test_limits_of_grids_keep_unit_grids_whole(lived_in: City) -> None:
    regions = lived_in.layers["regions"]
    grids = regions.loc[regions["system"] == "governance_grid"].geometry.to_numpy()
    for unit in regions.loc[regions["system"] == "unit_grid"].geometry:
        shares = shapely.area(shapely.intersection(grids, unit)) / unit.area
        assert shares.max() > 0.99


def test_every_code_has_the_code_of_its_parent_in_front(lived_in: City) -> None:
    regions = lived_in.layers["regions"]
    below = regions[regions["parent_code"].notna()]
    assert set(below["parent_code"]) <= set(regions["code"])
    prefix = dict(zip(regions["code"], regions["code_prefix"], strict=True))
    for code, parent in zip(below["code"], below["parent_code"], strict=True):
        assert code.startswith(prefix[parent])
    assert not regions.duplicated(["system", "code"]).any()


def test_unit_grids_have_fifteen_digits_and_do_not_overlap(lived_in: City) -> None:
    regions = lived_in.layers["regions"]
    units = regions[regions["system"] == "unit_grid"]
    faces = lived_in.faces.geometry.to_numpy()
    assert units["code"].str.fullmatch(r"\d{15}").all()
    assert units.area.sum() == pytest.approx(shapely.area(faces).sum(), abs=1.0)
    assert shapely.union_all(units.geometry.to_numpy()).area == pytest.approx(units.area.sum(), abs=1.0)


def test_neighbour_units_nest(lived_in: City) -> None:
    regions = lived_in.layers["regions"]
    units = regions[regions["system"] == "neighbour_unit"]
    for _, own in units.groupby("community_code"):
        by_level = own.groupby("level")["area_m2"].sum()
        assert np.ptp(by_level.to_numpy()) < 5
        lower = own[own["level"] != "section"]
        parents = own.set_index("code").geometry
        for row in lower.itertuples():
            assert parents[row.parent_code].buffer(0.1).covers(row.geometry)


def test_synthetic_outlines_are_never_called_legal(lived_in: City) -> None:
    regions = lived_in.layers["regions"]
    drawn = regions[regions["provenance"] == "synthetic"]
    assert not drawn["legal"].any()
    assert set(regions.loc[regions["legal"].astype(bool), "level"]) == {"city", "county"}


@given(
    points=st.lists(
        st.tuples(st.integers(0, 900), st.integers(0, 900)), min_size=3, max_size=40, unique=True
    ),
    count=st.integers(1, 8),
)
@settings(max_examples=30, deadline=None)
def test_land_of_groups_tiles_the_area(points: list[tuple[int, int]], count: int) -> None:
    at = np.array(points, dtype=float)
    area = shapely.box(-50, -50, 950, 950)
    group = groups_of(at, np.ones(len(at)), count)
    parts = land_of(at, group, area)
    assert len(parts) == group.max() + 1 <= count
    assert sum(part.area for part in parts) == pytest.approx(area.area, rel=1e-9)
    assert shapely.union_all(parts).area == pytest.approx(area.area, rel=1e-9)
