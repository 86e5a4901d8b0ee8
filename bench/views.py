"""Views of the city with its communities, and looks around places: times once everything is warm.

    .venv/bin/python -m bench.views [--region 341504] [--places 100]

Takes the city's database (the embedded one, or the one that is named). Through the app itself, without a
socket. On a machine that others use too, the processor's time beside the clock's says what is ours. The ratio
is against the bare statement that lists the communities, the least that any such answer needs.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import time
from collections.abc import Awaitable, Callable

import httpx

from api.cli.database import city_database
from api.main import create_app
from api.settings import read_settings

VIEWS_MS, AROUND_MS = 200, 100
LISTING = "/regions/{region}"
WARM = 12

Times = list[tuple[float, float]]


async def timed(ask: Callable[[], Awaitable[httpx.Response]]) -> tuple[float, float]:
    """Return milliseconds by the clock and of the processors."""
    clock, processor = time.perf_counter(), time.process_time()
    answer = await ask()
    answer.raise_for_status()
    return (time.perf_counter() - clock) * 1000, (time.process_time() - processor) * 1000


def told(times: Times) -> str:
    """Return median and 95th percentile of both."""
    parts = []
    for name, column in (("clock", 0), ("processor", 1)):
        values = [one[column] for one in times]
        parts.append(
            f"{name} p50 {statistics.median(values):.0f} p95 {statistics.quantiles(values, n=20)[-1]:.0f}"
        )
    return ", ".join(parts) + " ms"


async def measure(client: httpx.AsyncClient, region: str, places: int) -> None:
    """Ask and print."""
    listing = [await timed(lambda: client.get(LISTING.format(region=region))) for _ in range(20)]
    print(f"the region and its children: {told(listing)}")
    names = [one["name"] for one in (await client.get("/views")).json()["views"]]
    found: Times = []
    for name in names:
        path = f"/views/{name}/{region}?level=community"
        await client.get(path)
        found += [await timed(lambda path=path: client.get(path)) for _ in range(3)]
    print(f"{len(names)} views of the city and its communities, warm: {told(found)}; wanted < {VIEWS_MS} ms")
    base = statistics.median(one[1] for one in listing)
    print(f"  {statistics.median(one[1] for one in found) / base:.1f} times the listing, processor time")
    box = (await client.get("/city")).json()["bbox"]
    draw = random.Random(5)  # noqa: S311 - places, no secrets
    around: Times = []
    for number in range(places + WARM):
        lon, lat = draw.uniform(box[0], box[2]), draw.uniform(box[1], box[3])
        one = await timed(lambda at=(lon, lat): client.get(f"/around?lon={at[0]:.6f}&lat={at[1]:.6f}"))
        around += [one] if number >= WARM else []
    print(f"around {places} places: {told(around)}; wanted p95 < {AROUND_MS} ms")


async def run(region: str, places: int) -> None:
    """Start the app on the city's database and measure."""
    settings = read_settings()
    with city_database(settings) as addresses:
        named = settings.model_copy(
            update={"database_url": addresses.application, "database_admin_url": addresses.admin}
        )
        app = create_app(named)
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://127.0.0.1:8000", timeout=60
            ) as client:
                await measure(client, region, places)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--region", default="341504")
    parser.add_argument("--places", type=int, default=100)
    given = parser.parse_args()
    asyncio.run(run(given.region, given.places))
