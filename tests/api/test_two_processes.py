"""Two real processes of the service on one database and one home."""

import json
from contextlib import ExitStack

import httpx
import mapbox_vector_tile
import morecantile
import pytest

from tests.layers.little_city import EAST, NORTH, SOUTH, WEST, fill, points, working
from tests.serving import serving

pytestmark = pytest.mark.postgis

TMS = morecantile.tms.get("WebMercatorQuad")
MOVE = (
    "UPDATE city.cameras SET geom = ST_SetSRID(ST_MakePoint(%s, %s), 4326) WHERE code = 'p7'"
    " RETURNING id, version"
)


def heard(lines, kind, feature=None):
    """Read a stream of events up to one of a kind, about one feature."""
    event = ""
    for line in lines:
        if line.startswith("event:"):
            event = line.removeprefix("event:").strip()
        elif line.startswith("data:") and event == kind:
            found = json.loads(line.removeprefix("data:"))
            if feature is None or found["data"]["id"] == feature:
                return
    raise AssertionError(f"the stream ended before {kind}")


def shown(client, path):
    """Return the features of a tile as it is answered for fresh, by id."""
    answer = client.get(path)
    while "ttl=-" in answer.headers["cache-status"]:  # drawing takes long on a busy machine: it says so
        answer = client.get(path)
    assert answer.status_code in (200, 204)
    layers = mapbox_vector_tile.decode(answer.content) if answer.content else {}
    return {feature["id"]: feature["geometry"] for layer in layers.values() for feature in layer["features"]}


def test_an_edit_that_one_process_has_told_is_answered_old_by_no_other(database, catalog, tmp_path):
    fill(database, catalog, cameras=points(400))
    with ExitStack() as stack:
        addresses = [stack.enter_context(serving(database, tmp_path)) for _ in range(2)]
        clients = [stack.enter_context(httpx.Client(base_url=one, timeout=30)) for one in addresses]
        streams = [stack.enter_context(client.stream("GET", "/events")).iter_lines() for client in clients]
        for lines in streams:
            heard(lines, "ready")
        places = [(WEST + (EAST - WEST) * n / 17, SOUTH + (NORTH - SOUTH) * n / 17) for n in range(1, 17)]
        for number, (x, y) in enumerate(places):
            there = TMS.tile(x, y, 16)
            path = f"/tiles/cameras/{there.z}/{there.x}/{there.y}.mvt"
            # Both keep the tile in memory, as it was.
            before = [shown(client, path) for client in clients]
            assert before[0] == before[1]
            with working(database) as connection:
                moved = connection.execute(MOVE, [x, y]).fetchone()[0]
            teller, other = number % 2, 1 - number % 2
            heard(streams[teller], "layer.changed", moved)
            after = shown(clients[other], path)
            assert moved in after and after[moved] != before[0].get(moved)
            heard(streams[other], "layer.changed", moved)
            assert shown(clients[teller], path) == after
