"""Metrics, read by Prometheus's own parser."""

import asyncio
import math

import morecantile
import pytest
from prometheus_client.parser import text_string_to_metric_families

pytestmark = pytest.mark.postgis


async def families(client):
    answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return {family.name: family for family in text_string_to_metric_families(answer.text)}


async def test_requests_are_counted_by_layer_zoom_and_result(client):
    async with asyncio.timeout(30):
        # before the log has been read once, nothing counts as fresh
        while math.isnan((await families(client))["onemap_change_log_lag_seconds"].samples[0].value):
            await asyncio.sleep(0.02)
    tile = morecantile.tms.get("WebMercatorQuad").tile(115.85, 31.8, 14)
    for _ in range(3):
        await client.get(f"/tiles/cameras,pipes/{tile.z}/{tile.x}/{tile.y}.mvt")
    found = await families(client)
    counts = {
        (sample.labels["layer"], sample.labels["zoom"], sample.labels["result"]): sample.value
        for sample in found["onemap_tile_requests"].samples
    }
    for layer in ("cameras", "pipes"):
        assert counts[layer, "14", "miss"] == 1
        assert counts[layer, "14", "hit"] == 2
    drawn = {sample.name: sample.value for sample in found["onemap_tile_draw_seconds"].samples}
    assert drawn["onemap_tile_draw_seconds_count"] == 1
    assert drawn["onemap_tile_draw_seconds_sum"] > 0
    assert found["onemap_tile_memory_tiles"].samples[0].value == 2


async def test_unknown_names_and_places_make_no_series(client):
    before = len((await families(client))["onemap_tile_requests"].samples)
    for number in range(20):
        await client.get(f"/tiles/nothing{number}/12/1/1.mvt")
        await client.get(f"/tiles/cameras/{30 + number}/1/1.mvt")
    assert len((await families(client))["onemap_tile_requests"].samples) == before
