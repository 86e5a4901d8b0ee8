"""What a browser needs to move sites: its sums are those of the engine."""

from __future__ import annotations

import json
import struct

import geopandas as gpd
import numpy as np
import pytest
import scipy.sparse

from geo.cells import index
from geo.siting import Moving, Rules, max_coverage
from layers.runs.siting.model import (
    CANDIDATES,
    CHOSEN,
    DEMAND,
    TOLD,
    Model,
    parts_of,
    read_arrays,
    read_reach,
)
from layers.runs.siting.moving import Kept, Stand, after, by_cell, neighbourhood

PLACES, SETTINGS, DEMANDS = 12, 3, 40


def model_of(seed: int, *, sure: bool) -> Model:
    random = np.random.default_rng(seed)
    hits = random.random((PLACES * SETTINGS, DEMANDS)) < 0.25
    share = np.ones_like(hits, dtype=float) if sure else random.uniform(0.05, 1.0, hits.shape)
    lon, lat = 115.9 + 0.002 * np.arange(DEMANDS), np.full(DEMANDS, 31.85)
    candidates = gpd.GeoDataFrame(
        {name: ["x"] * PLACES for name in TOLD}
        | {"host": [f"H{one}" for one in range(PLACES)], "height_m": np.nan, "cost": 1.0}
        | {"reasons": [("water",) if one == PLACES - 1 else () for one in range(PLACES)]},
        geometry=gpd.points_from_xy(115.9 + 0.006 * np.arange(PLACES), [31.85] * PLACES), crs=4326,
    )  # fmt: skip
    usable = np.repeat(np.arange(PLACES), SETTINGS)
    kept = usable < PLACES - 1
    return Model(
        candidates, usable[kept], np.tile([0.0, 120.0, 240.0], PLACES)[kept], np.zeros(kept.sum()),
        scipy.sparse.csr_array(hits[kept] * share[kept]), random.uniform(0, 9, DEMANDS), index(lon, lat, 10),
        1, 900.0,
    )  # fmt: skip


def kept_of(model: Model, chosen: np.ndarray) -> tuple[Kept, dict[int, object]]:
    parts = parts_of(model, chosen)
    document = json.loads(parts[CANDIDATES])
    needed, stands = read_arrays(parts[DEMAND]), read_arrays(parts[CHOSEN])
    at = zip(stands["place"].tolist(), stands["setting"].tolist(), strict=True)
    kept = Kept(
        document["candidates"], document["reach_m"], document["of_place"], needed["left"], needed["cell"],
        [Stand(rank, *one) for rank, one in enumerate(at, 1)], read_reach(parts[CHOSEN]),
    )  # fmt: skip
    reached = {int(name[6:]): read_reach(body) for name, body in parts.items() if name.startswith("reach/")}
    return kept, reached


def gains_in(block: bytes) -> dict[tuple[int, int], float]:
    """Do what the browser does with a block: what each setting of each candidate adds to what stands."""
    length, _ = struct.unpack_from("<II", block)
    header = json.loads(block[8 : 8 + length])
    at = 8 + length
    left = np.frombuffer(block, "<f8", header["demands"], at).copy()
    at += left.nbytes + (header["demands"] * 4 + 7) // 8 * 8
    rows = {}
    for one in header["candidates"]:
        probability = np.frombuffer(block, "<f8", one["pairs"], at)
        at += probability.nbytes
        settings = len(one["azimuth_deg"])
        numbers = np.frombuffer(block, "<u4", settings + 1 + one["pairs"], at)
        at += (numbers.nbytes + 7) // 8 * 8
        starts, demand = numbers[: settings + 1], numbers[settings + 1 :]
        for setting in range(settings):
            part = slice(starts[setting], starts[setting + 1])
            rows[one["number"], setting] = demand[part], probability[part]
    assert at == len(block)
    for one in header["standing"]:
        demand, probability = rows[one["number"], one["setting"]]
        left[demand] *= 1.0 - probability
    return {key: float(left[demand] @ probability) for key, (demand, probability) in rows.items()}


@pytest.mark.parametrize("sure", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_the_gain_of_a_moved_site_is_that_of_the_plan_computed_with_it(seed, sure):
    model = model_of(seed, sure=sure)
    plan = max_coverage(model.covers, model.left, 4, rules=Rules(groups=model.place.tolist()))
    kept, reached = kept_of(model, plan.chosen)
    taken = kept.chosen[1]
    standing = [one for one in kept.chosen if one != taken]
    near = kept.nearest(115.9, 31.85, 6).tolist()
    assert PLACES - 1 not in kept.nearest(115.9, 31.85, PLACES)  # stands in the water
    block = neighbourhood(kept, near, standing, reached, taken=[taken], resolution=9)
    others = [row for row in plan.chosen.tolist() if row != plan.chosen[1]]
    by_engine = Moving(model.covers, model.left, others=others)
    before = max_coverage(model.covers, model.left, 3, rules=Rules(forced=others)).covered
    for (number, setting), gain in gains_in(block).items():
        row = number * SETTINGS + setting
        assert gain == pytest.approx(by_engine.gain_of(row), rel=1e-12, abs=1e-12)
        if row in others:
            continue
        whole = max_coverage(model.covers, model.left, 4, rules=Rules(forced=[*others, row]))
        assert before + gain == pytest.approx(whole.covered, rel=1e-12)


def test_a_site_that_was_moved_before_leaves_what_it_reached_and_takes_what_it_reaches_now():
    model = model_of(9, sure=False)
    plan = max_coverage(model.covers, model.left, 3, rules=Rules(groups=model.place.tolist()))
    kept, reached = kept_of(model, plan.chosen)
    free = next(one for one in range(PLACES - 1) if one not in {stand.number for stand in kept.chosen})
    moved = [Stand(1, free, 2), *kept.chosen[1:]]
    rows = [free * SETTINGS + 2, *plan.chosen[1:].tolist()]
    left = after(kept, moved, reached)
    whole = max_coverage(model.covers, model.left, 3, rules=Rules(forced=rows)).covered
    assert kept.left.sum() - left.sum() == pytest.approx(whole, rel=1e-12)
    cells = by_cell(kept, left, 9)
    assert cells["gained"].sum() == pytest.approx(whole, rel=1e-12)
    assert cells["missing"].sum() == pytest.approx(model.left.sum(), rel=1e-12)
