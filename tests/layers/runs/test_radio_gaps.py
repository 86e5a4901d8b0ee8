"""Gaps of radio: their causes, names and ids, and patches near each other as one."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import h3
import numpy as np
import pytest

from geo.cells import centres, index, parse, polygons, to_text
from layers.runs.groups import PART, groups_in
from layers.runs.radio_gaps import CAUSES
from tests.layers.runs.radio_city import MIDDLE, REGION, finest, found_gaps, inputs, sectors


def test_a_faulty_sector_is_named_as_the_cause_of_its_gap() -> None:
    outcome = found_gaps(inputs(sectors([MIDDLE], status="fault")))
    first = outcome.areas.iloc[0]
    assert CAUSES[int(first["cause"])] == "repair"
    assert outcome.note.facts["gaps_repair"] >= 1
    assert outcome.note.facts["not_in_service"] == 3


def test_a_gap_far_from_every_site_asks_for_a_new_one() -> None:
    outcome = found_gaps(inputs(sectors([(MIDDLE[0] + 0.2, MIDDLE[1])])))
    assert CAUSES[int(outcome.areas["cause"].iloc[0])] == "new_site"
    assert outcome.areas["rank"].tolist() == sorted(outcome.areas["rank"])
    assert (outcome.areas["people"].diff().dropna() <= 0).all()
    # The whole road and all people lie in gaps.
    assert outcome.note.facts["gap_people"] == pytest.approx(finest(outcome)["people"].sum(), abs=1)


def test_a_gap_keeps_its_id_when_its_smallest_cell_is_covered() -> None:
    far = (MIDDLE[0] + 0.2, MIDDLE[1])
    given = inputs(sectors([far]))
    first = found_gaps(given)
    largest = first.areas.iloc[0]
    groups = groups_in(first.parts[PART])
    own = groups.index[groups == int(largest["code"], 16)].to_numpy()
    assert own.min() == int(largest["code"], 16)
    # A site over the smallest cell takes that and its neighbours out of the gap.
    lon, lat = centres(own[:1])
    covered = inputs(sectors([far, (float(lon[0]), float(lat[0]))]))
    second = found_gaps(replace(covered, previous_groups=groups))
    kept = groups_in(second.parts[PART])
    assert own.min() not in kept.index
    assert largest["code"] in set(second.areas["code"])
    assert int(largest["code"], 16) in set(kept)
    # Nobody knows the gap before: then its id is another one.
    alone = found_gaps(covered)
    assert largest["code"] not in set(alone.areas["code"])
    # The place to go to is a cell that still belongs to it.
    told = next(one for one in second.findings if one["id"] == largest["code"])
    assert kept[int(told["cell"], 16)] == int(largest["code"], 16)


def test_a_gap_is_called_after_its_village_and_a_stretch_of_road_after_the_road() -> None:
    given = inputs(sectors([(MIDDLE[0] + 0.2, MIDDLE[1])]))
    communities = given.frames["communities"].assign(short_name="双塘")
    villages = gpd.GeoDataFrame(
        {"name": ["王老庄", "农贸市场"], "kind": ["village", "market"]},
        geometry=[REGION, REGION], crs=4326,
    )  # fmt: skip
    roads = given.frames["roads"].assign(ref="G105", name="105国道")
    more = {"communities": communities, "place_names": villages, "roads": roads}
    areas = found_gaps(replace(given, frames={**given.frames, **more}), resolution=10).areas
    assert areas["name"].iloc[0] == "双塘 · 王老庄"
    assert "双塘 · G105" in set(areas["name"][areas["people"] == 0])
    # No signal at all is told as the least level, not as a figure that nobody knows.
    assert (areas["rsrp_dbm"] == -140).all()
    assert found_gaps(given).areas["name"].iloc[0] in set(given.frames["communities"]["name"])


def hamlets(given, *, cells, residents):
    """Return the inputs with these people only."""
    people = gpd.GeoDataFrame(
        {"cell": to_text(cells), "residents": residents}, geometry=polygons(cells).to_numpy(), crs=4326
    )
    return replace(given, frames={**given.frames, "people": people})


def test_hamlets_near_each_other_are_one_gap_that_ranks_by_all_their_people() -> None:
    # Two hamlets of 70 with 130 m of fields between them, 100 people in one 1.5 km away: 70 + 70 come first.
    alike = dict(zip("abc", (0.0, 0.0056, -0.015), strict=True))
    disks = {name: index([MIDDLE[0] + east], [MIDDLE[1] + 0.004], 10) for name, east in alike.items()}
    disks = {name: parse(sorted(h3.grid_disk(to_text(one)[0], 1))) for name, one in disks.items()}
    cells = np.concatenate(list(disks.values()))
    residents = np.repeat([10.0, 10.0, 100 / 7], 7)
    given = hamlets(inputs(sectors([(MIDDLE[0] + 0.2, MIDDLE[1])])), cells=cells, residents=residents)
    joined = found_gaps(given, resolution=10)
    lived_in = joined.areas[joined.areas["people"] > 0]
    assert lived_in["people"].tolist() == pytest.approx([140.0, 100.0])
    assert lived_in["rank"].tolist() == [1, 2]
    told = joined.cells.loc[np.concatenate([disks["a"], disks["b"]]), "rank"]
    assert set(told) == {1.0}
    apart = found_gaps(given, resolution=10, join_m=0)
    assert apart.areas["people"][apart.areas["people"] > 0].tolist() == pytest.approx([100.0, 70.0, 70.0])
    assert any("300 m" in limit for limit in joined.note.limits)
    # The gap keeps the id of one of both hamlets, whichever way the next run takes them.
    before = groups_in(apart.parts[PART])
    after = groups_in(found_gaps(replace(given, previous_groups=before), resolution=10).parts[PART])
    assert after[disks["a"]].iloc[0] in set(before[np.concatenate([disks["a"], disks["b"]])])
