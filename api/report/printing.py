"""The print of a page by a headless Chromium, where one is installed."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from api.embedded.packages import find_browser
from api.errors import NoBrowser, PrintFailed
from geo.errors import Unavailable

PRINT_SECONDS = 60
WALL = (3840, 2160)
#: The page comes from a file and asks for nothing: no network, and no sandbox that a service account lacks.
_FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip


def print_page(html: str, *, picture: bool) -> bytes:
    """Return a page as PDF, in the size that it names itself, or as a PNG of the wall's size.

    Raises
    ------
    NoBrowser
        Where there is no Chromium; says what to install.
    PrintFailed
        Where it gives no print in time.
    """
    try:
        browser = find_browser()
    except Unavailable as error:
        raise NoBrowser("there is no headless Chromium") from error
    with tempfile.TemporaryDirectory(prefix="onemap-report-") as folder:
        room = Path(folder)
        page, out = room / "report.html", room / ("report.png" if picture else "report.pdf")
        page.write_text(html, encoding="utf-8")
        size = ",".join(map(str, WALL))
        what = [f"--screenshot={out}", f"--window-size={size}"] if picture else [f"--print-to-pdf={out}"]
        extra = [] if picture else ["--no-pdf-header-footer"]
        command = [
            str(browser.program),
            *_FLAGS,
            f"--user-data-dir={room / 'profile'}",
            *what,
            *extra,
            page.as_uri(),
        ]
        try:
            subprocess.run(  # noqa: S603 - our own browser and our own page
                command,
                check=False,
                capture_output=True,
                timeout=PRINT_SECONDS,
                env={**browser.environment, "HOME": folder},
            )
        except subprocess.TimeoutExpired as error:
            raise PrintFailed("the print took too long", seconds=PRINT_SECONDS) from error
        if not out.exists():
            raise PrintFailed("the browser gave no print", seconds=PRINT_SECONDS)
        return out.read_bytes()
