import numpy as np
import pytest
import shapely

from geo.errors import NotFound
from sample_gis.boundary import community_list, county_outline, short_name, town_names


def test_yeji_has_the_six_towns_and_seventy_seven_communities_of_the_plan():
    assert list(town_names("341504").values()) == [
        "史河街道",
        "平岗街道",
        "三元镇",
        "洪集镇",
        "姚李镇",
        "孙岗乡",
    ]
    assert len(community_list("341504")) == 77


@pytest.mark.parametrize(
    ("official", "short"),
    [
        ("新元社区居委会", "新元社区"),
        ("洪集社区", "洪集社区"),
        ("彭洲村委会", "彭洲"),
        ("金星村民委员会", "金星"),
        ("人民新村居委会", "人民新村"),
    ],
)
def test_a_short_name_leaves_the_committee_out(official, short):
    assert short_name(official) == short


def test_the_real_outline_has_the_area_of_the_district():
    assert county_outline("341504", 4548).area == pytest.approx(567e6, rel=0.002)


def test_a_county_that_the_file_does_not_hold_is_named():
    with pytest.raises(NotFound, match="341599"):
        county_outline("341599", 4548)


def test_communities_tile_the_county(city):
    outlines = city.communities.geometry.to_numpy()
    assert len(outlines) == 77
    assert shapely.coverage_is_valid(outlines)
    assert shapely.area(outlines).sum() == pytest.approx(city.outline.area, abs=100)
    assert shapely.area(shapely.union_all(outlines).symmetric_difference(city.outline)) < 200


def test_every_community_is_one_piece_and_holds_its_site(city):
    communities = city.communities
    assert (communities.geometry.geom_type == "Polygon").all()
    assert communities.geometry.contains(communities["site"]).all()


def test_towns_are_their_communities(city):
    sums = city.communities.geometry.area.groupby(city.communities["town"]).sum()
    assert len(city.towns) == 6
    assert np.allclose(city.towns.geometry.area, sums.loc[city.towns.index], atol=50)
    assert city.towns.geometry.contains(city.towns["seat"]).all()


def test_limits_inside_towns_run_along_streets(city):
    limits = shapely.union_all(shapely.boundary(city.communities.geometry.to_numpy()))
    inner = city.faces.geometry.buffer(-1.0).to_numpy()
    assert shapely.length(shapely.intersection(inner, limits)).sum() < 1
