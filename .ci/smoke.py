"""Start the service in an empty place, fetch the page, a tile and an item, and stop it: the shortest proof.

Everything lies in a temporary folder that is removed again; the port is one that is free.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import morecantile

CHECKOUT = Path(__file__).resolve().parents[1]
ONEMAP = CHECKOUT / ".venv/bin/onemap"
LAYER = "cameras"
START_SECONDS = 600
"""A first start makes the sample city; it takes a minute or two on a small machine."""


class Failed(Exception):
    """The service did not do what it should."""


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(address: str, kind: str, *, seconds: float = 30.0) -> bytes:
    """Fetch an address and check status and media type."""
    request = urllib.request.Request(address, headers={"Accept": kind})  # noqa: S310 - our own address
    start = time.monotonic()
    with urllib.request.urlopen(request, timeout=seconds) as answer:  # noqa: S310
        body: bytes = answer.read()
        found = answer.headers.get_content_type()
    if found != kind or not body:
        raise Failed(f"{address} answered {len(body)} bytes of {found}, not {kind}")
    print(f"{address}  {len(body)} bytes  {time.monotonic() - start:.2f} s", flush=True)
    return body


def look(base: str) -> None:
    """Fetch one of each kind."""
    page = get(f"{base}/", "text/html", seconds=START_SECONDS).decode()
    if "<script" not in page:
        raise Failed("the page has no script: the web application is not built")
    items = json.loads(get(f"{base}/ogc/collections/{LAYER}/items?limit=1", "application/geo+json"))
    feature = items["features"][0]
    again = json.loads(get(f"{base}/ogc/collections/{LAYER}/items/{feature['id']}", "application/geo+json"))
    if again["geometry"] != feature["geometry"]:
        raise Failed(f"item {feature['id']} has another geometry than in the list")
    column, row = tile_of(*feature["geometry"]["coordinates"][:2], zoom=14)
    get(f"{base}/tiles/{LAYER}/14/{column}/{row}.mvt", "application/vnd.mapbox-vector-tile")


def tile_of(longitude: float, latitude: float, zoom: int) -> tuple[int, int]:
    """Return column and row of the tile that holds a point."""
    tile = morecantile.tms.get("WebMercatorQuad").tile(longitude, latitude, zoom)
    return tile.x, tile.y


def main() -> int:
    """Run the whole round and return the exit code."""
    with tempfile.TemporaryDirectory(prefix="onemap-smoke-") as home:
        port = free_port()
        environment = {**os.environ, "ONEMAP_HOME": home}
        began = time.monotonic()
        service = subprocess.Popen([ONEMAP, "up", "--port", str(port)], env=environment)  # noqa: S603
        try:
            wait_for(port, service)
            look(f"http://127.0.0.1:{port}")
            print(f"from nothing to a tile: {time.monotonic() - began:.1f} s")
            service.send_signal(signal.SIGINT)
            if service.wait(timeout=60) != 0:
                raise Failed(f"the service ended with exit code {service.returncode}")
        except (Failed, OSError, KeyError, IndexError, subprocess.TimeoutExpired) as error:
            print(f"smoke: {error}", file=sys.stderr)
            return 1
        finally:
            if service.poll() is None:
                service.kill()
                service.wait()
            subprocess.run([ONEMAP, "db", "destroy", "--yes"], env=environment, check=True)  # noqa: S603
    print("smoke: page, items, item and tile answered, and the service stopped")
    return 0


def wait_for(port: int, service: subprocess.Popen[bytes]) -> None:
    """Wait until the service takes connections; it answers them when the city is made."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if service.poll() is not None:
            raise Failed(f"the service ended with exit code {service.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise Failed("the service takes no connections")


if __name__ == "__main__":
    sys.exit(main())
