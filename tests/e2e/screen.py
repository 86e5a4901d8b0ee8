"""A page of the app in a real browser, and what it asks for and complains about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import BrowserContext, Locator, Page

SIZES = {"wall": (3840, 2160), "desk": (1440, 900), "field": (390, 844)}


@dataclass
class Watch:
    """What a page asked for and complained about."""

    origin: str
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def follow(self, context: BrowserContext, page: Page) -> None:
        """Note requests to other origins, failed requests, errors and messages."""
        context.on("request", lambda request: self._ask(request.url))
        context.on("response", lambda answer: self._answer(answer.status, answer.url))
        page.on("console", lambda line: self._say(line.type, line.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def allow(self, part: str) -> None:
        """Take complaints with this text as what the test itself brings about."""
        self.allowed.append(part)

    def unexpected(self) -> list[str]:
        """Return the complaints that no test asked for."""
        return [one for one in self.complaints if not any(part in one for part in self.allowed)]

    def _ask(self, address: str) -> None:
        if not address.startswith((f"{self.origin}/", "data:", "blob:")):
            self.foreign.append(address)

    def _answer(self, status: int, address: str) -> None:
        if status >= 400:
            self.complaints.append(f"{status} {address}")

    def _say(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(f"{kind}: {text}")


class Screen:
    """A page of the app and what its hook tells."""

    def __init__(self, page: Page, address: str, watch: Watch) -> None:
        self.page = page
        self.address = address
        self.watch = watch

    def open(self, query: str = "") -> None:
        """Open the app and wait until everything is drawn."""
        self.page.goto(f"{self.address}/{query}")
        self.idle()

    def idle(self) -> None:
        """Wait until nothing moves, loads or waits to be drawn."""
        self.page.wait_for_function("() => window.__onemap !== undefined")
        self.page.evaluate("() => window.__onemap.idle")

    def hook(self, name: str) -> Any:
        """Read one fact from the hook."""
        return self.page.evaluate("(name) => window.__onemap[name]", name)

    def features(self) -> dict[str, int]:
        """Return features in view by layer."""
        found: dict[str, int] = self.hook("features")
        return found

    def positions(self, layer: str) -> list[dict[str, float]]:
        """Return where features of a layer are on the page."""
        found: list[dict[str, float]] = self.page.evaluate(
            "(layer) => { const box = document.getElementById('map').getBoundingClientRect();"
            " return window.__onemap.positions(layer)"
            ".map((one) => ({ id: one.id, x: one.x + box.x, y: one.y + box.y })); }",
            layer,
        )
        return found

    def shown(self, title: str) -> Locator:
        """Return the value beside a field's title on the card."""
        rows = self.page.locator("[data-feature] .fields > div")
        return rows.filter(has=self.page.get_by_text(title, exact=True)).locator("dd")

    def query(self) -> dict[str, list[str]]:
        """Return what the address says."""
        return parse_qs(urlsplit(self.page.url).query, keep_blank_values=True)
