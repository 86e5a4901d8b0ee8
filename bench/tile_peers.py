"""Servers beside which our tiles are measured: tipg, MapServer, and nginx with the same bytes as files."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from layers.database import Addresses

#: Where Debian's package cgi-mapserver puts it.
MAPSERVER = Path("/usr/lib/cgi-bin/mapserv")
MVT = "application/vnd.mapbox-vector-tile"

_MAP = """
MAP
  NAME "bench"
  SIZE 256 256
  EXTENT -20037508 -20037508 20037508 20037508
  PROJECTION "init=epsg:3857" END
  OUTPUTFORMAT
    NAME "mvt" DRIVER "MVT" MIMETYPE "application/vnd.mapbox-vector-tile" EXTENSION "mvt"
    FORMATOPTION "EXTENT=4096" FORMATOPTION "EDGE_BUFFER=64"
  END
  WEB METADATA "ows_enable_request" "*" END END
{layers}
END
"""
_LAYER = """
  LAYER
    NAME "{schema}_{name}"
    TYPE {kind}
    STATUS ON
    EXTENT -20037508 -20037508 20037508 20037508
    CONNECTIONTYPE POSTGIS
    CONNECTION "host={folder} dbname={database} user=bench password=bench"
    DATA "geom_3857 FROM {schema}.{name} USING UNIQUE id USING SRID=3857"
    PROCESSING "CLOSE_CONNECTION=DEFER"
    PROJECTION "init=epsg:3857" END
    METADATA "gml_include_items" "all" "ows_title" "{name}" END
  END
"""
_FAST_CGI = """
server {{ listen 127.0.0.1:{port}; location / {{ fastcgi_pass unix:{socket}; fastcgi_buffers 64 64k;
fastcgi_param QUERY_STRING $query_string; fastcgi_param REQUEST_METHOD $request_method;
fastcgi_param SCRIPT_NAME /; fastcgi_param SERVER_NAME $server_name;
fastcgi_param SERVER_PORT $server_port; }} }}
"""


@contextmanager
def running(
    command: list[str], port: int, path: str, environment: dict[str, str] | None = None
) -> Iterator[int]:
    """Give a port when a server answers there; the server ends with the context, by TERM."""
    process = subprocess.Popen(command, env={**os.environ, **(environment or {})}, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 90
    try:
        while True:
            time.sleep(0.1)
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20).read()
                break
            except urllib.error.HTTPError as error:
                raise SystemExit(f"{command[0]}: {error.status} {error.read()[:300]!r}") from error
            except OSError as error:
                if process.poll() is not None or time.monotonic() > end:
                    raise SystemExit(f"{command[0]} does not answer: {error}") from None
        yield port
    finally:
        process.terminate()
        process.wait(20)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as chosen:
        return int(chosen.getsockname()[1])


def socket_folder(addresses: Addresses) -> tuple[str, str]:
    """Return the name of the database and the folder of its socket."""
    parts = urlsplit(addresses.admin)
    return parts.path[1:], parse_qs(parts.query)["host"][0]


@contextmanager
def ours(addresses: Addresses, home: Path, **settings: str) -> Iterator[int]:
    """Give the port of a service of ours with one process and an empty cache."""
    with socket.create_server(("127.0.0.1", 0)) as claim:
        port = int(claim.getsockname()[1])
        environment = {
            "ONEMAP_DATABASE_URL": addresses.application,
            "ONEMAP_DATABASE_ADMIN_URL": addresses.admin,
            "ONEMAP_HOME": str(home),
            "ONEMAP_PORT": str(port),
            **settings,
        }
        program = [sys.executable, "-c", "from api.cli.main import app; app()"]
        process = subprocess.Popen(
            [*program, "answer", "--socket", str(claim.fileno())],
            env={**os.environ, **environment}, pass_fds=[claim.fileno()],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        )  # fmt: skip
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=120).read()
                break
            except urllib.error.HTTPError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def tipg(python: str, addresses: Addresses) -> Iterator[int]:
    """Give the port of tipg with one worker on the tables of ``bench`` and ``loose``."""
    port = free_port()
    database, folder = socket_folder(addresses)
    command = [python, "-m", "uvicorn", "tipg.main:app", "--port", str(port), "--no-access-log"]
    environment = {
        # its settings take no address without a host
        "DATABASE_URL": f"postgresql://bench:bench@{quote(folder, safe='')}/{database}",
        "TIPG_DB_SCHEMAS": '["bench", "loose"]',
        "TIPG_MAX_FEATURES_PER_TILE": "1000000",
    }
    with running([*command, "--log-level", "error"], port, "/healthz", environment):
        yield port


def tipg_path(schema: str, name: str, z: int, x: int, y: int) -> str:
    """Return the address of a tile."""
    return f"/collections/{schema}.{name}/tiles/WebMercatorQuad/{z}/{x}/{y}"


@contextmanager
def nginx(folder: Path, http: str, port: int, path: str) -> Iterator[int]:
    """Give the port of nginx with one worker."""
    configuration = folder / f"nginx-{port}.conf"
    configuration.write_text(
        f"worker_processes 1; pid {folder}/nginx-{port}.pid; daemon off; user root; error_log /dev/null;\n"
        "events { worker_connections 256; }\n"
        f"http {{ access_log off; keepalive_requests 1000000; {http} }}\n"
    )
    with running(["nginx", "-c", str(configuration)], port, path):
        yield port


@contextmanager
def files(folder: Path, bodies: dict[str, bytes]) -> Iterator[int]:
    """Give the port of nginx that has bytes as files, by path."""
    root = folder / "www"
    for path, body in bodies.items():
        target = root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)
    port = free_port()
    http = f"sendfile on; open_file_cache max=2000; server {{ listen 127.0.0.1:{port}; root {root}; }}"
    with nginx(folder, http, port, next(iter(bodies))):
        yield port


@contextmanager
def mapserver(folder: Path, addresses: Addresses, kinds: dict[str, str], path: str) -> Iterator[int]:
    """Give the port of two MapServer processes by FastCGI behind nginx, each with a kept connection."""
    database, sockets = socket_folder(addresses)
    layers = "".join(
        _LAYER.format(schema=schema, name=name, kind=kind, folder=sockets, database=database)
        for schema in ("bench", "loose")
        for name, kind in kinds.items()
    )
    mapfile = folder / "bench.map"
    mapfile.write_text(_MAP.format(layers=layers))
    configuration = folder / "mapserver.conf"
    configuration.write_text(f'CONFIG\n  ENV\n    MS_MAPFILE "{mapfile}"\n  END\nEND\n')
    place = folder / "mapserver.sock"
    with ExitStack() as stack:
        listening = stack.enter_context(socket.socket(socket.AF_UNIX))
        listening.bind(str(place))
        place.chmod(0o777)
        listening.listen(128)
        environment = {
            **os.environ, "MAPSERVER_CONFIG_FILE": str(configuration), "MS_MAPFILE": str(mapfile),
        }  # fmt: skip
        for _ in "ab":
            # A FastCGI program finds its listening socket where others have their input.
            process = subprocess.Popen(
                [MAPSERVER], stdin=listening, env=environment, stderr=subprocess.DEVNULL, cwd=folder
            )
            stack.callback(process.wait, 20)
            # Asleep in accept it takes TERM for a wish and stays; it holds nothing that could be lost.
            stack.callback(process.kill)
        port = free_port()
        http = _FAST_CGI.format(port=port, socket=place)
        stack.enter_context(nginx(folder, http, port, path))
        yield port


def mapserver_path(schema: str, name: str, z: int, x: int, y: int) -> str:
    """Return the address of a tile."""
    return f"/?mode=tile&tilemode=gmap&tile={x}+{y}+{z}&layers={schema}_{name}&map.imagetype=mvt"


def versions(tipg_python: str) -> dict[str, str]:
    """Return the versions of the peers that are here."""
    asked = {"nginx": ["nginx", "-v"], "mapserver": [str(MAPSERVER), "-v"], "wrk": ["wrk", "-v"]}
    if tipg_python:
        asked["tipg"] = [tipg_python, "-c", "import importlib.metadata as m; print(m.version('tipg'))"]
    found = {}
    for name, command in asked.items():
        if shutil.which(command[0]):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            words = (done.stdout + done.stderr).replace("nginx/", "").replace("debian/", "").split()
            found[name] = next(word for word in words if word[0].isdigit())
    return found
