"""The web app from its build folder: its page, also at addresses that the app reads itself, and its files."""

from __future__ import annotations

import mimetypes
import os
import re
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import PathLike, StaticFiles
from starlette.types import Receive, Scope, Send

from api.dependencies import service_of
from api.errors import NoPage, WebNotBuilt
from api.ogc.pages import STYLE
from api.settings import ROOT, Settings

#: The surfaces; below each the app reads the address itself.
SURFACES = ("/desk", "/wall", "/field")

_FILE_NAME = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+")

# mimetypes reads the machine's own tables, which may not know these
for _ending, _type in (
    (".mjs", "text/javascript"),
    (".js", "text/javascript"),
    (".webmanifest", "application/manifest+json"),
):
    mimetypes.add_type(_type, _ending)


class Assets(StaticFiles):
    """Files whose names hold a hash of their content: they never change, so they may be kept."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one file; say so where there is no build at all."""
        if self.directory is None or not Path(self.directory).is_dir():
            raise WebNotBuilt("the web app was not built", folder="web/dist")
        await super().__call__(scope, receive, send)

    def file_response(
        self, full_path: PathLike, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Return a file with the permission to keep it for a year."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


async def index(request: Request) -> Response:
    """Return the page of the app."""
    folder = service_of(request).settings.web
    page = folder / "index.html"
    if not page.is_file():
        raise WebNotBuilt("the web app was not built", folder=folder.name)
    return FileResponse(page, media_type="text/html", headers={"Cache-Control": "no-cache"})


async def top_file(request: Request) -> Response:
    """Return a file that lies beside the page: its icon, its manifest."""
    name = request.path_params["name"]
    path = service_of(request).settings.web / name
    if not _FILE_NAME.fullmatch(name) or not path.is_file():
        raise NoPage(f"nothing is at {request.url.path}", path=request.url.path)
    return FileResponse(path, headers={"Cache-Control": "no-cache"})


async def style(request: Request) -> Response:
    """Return the style sheet of the plain pages."""
    return FileResponse(
        ROOT / "api" / "pages.css", media_type="text/css", headers={"Cache-Control": "no-cache"}
    )


def routes(settings: Settings) -> list[BaseRoute]:
    """Return the routes of the app and of the plain pages' style."""
    surfaces = [Route(path + tail, index) for path in SURFACES for tail in ("", "/{rest:path}")]
    # the folder may be built while the service runs
    assets = Assets(directory=settings.web / "assets", check_dir=False)
    files = Route("/{name}", top_file)
    return [Route("/", index), *surfaces, Route(STYLE, style), Mount("/assets", assets), files]
