"""A plain reader of server-sent events (WHATWG HTML, 9.2), which remembers the last id as a browser does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx


@dataclass
class Stream:
    """An open stream.

    Attributes
    ----------
    last_id : str
        What a browser would send as Last-Event-ID.
    """

    lines: Iterator[str]
    last_id: str = ""
    had: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def next(self) -> tuple[str, dict[str, Any]]:
        """Return name and data of the next event."""
        name, data, id_now = "message", [], self.last_id
        for line in self.lines:
            if not line:
                self.last_id = id_now
                if data:
                    event = (name, json.loads("\n".join(data)))
                    self.had.append(event)
                    return event
                name = "message"
                continue
            key, _, value = line.partition(":")
            value = value.removeprefix(" ")
            match key:
                case "id":
                    id_now = value
                case "event":
                    name = value
                case "data":
                    data.append(value)
        raise StopIteration

    def until(self, name: str) -> dict[str, Any]:
        """Return the data of the next event of a name."""
        while True:
            found, data = self.next()
            if found == name:
                return data


@contextmanager
def opened(address: str, last_id: str = "", **query: str) -> Iterator[Stream]:
    """Open the stream of events of a service."""
    headers = {"Last-Event-ID": last_id} if last_id else {}
    with (
        httpx.Client(timeout=httpx.Timeout(30), trust_env=False) as client,
        client.stream("GET", f"{address}/events", params=query, headers=headers) as answer,
    ):
        if answer.status_code != 200:
            answer.read()
        answer.raise_for_status()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Stream(answer.iter_lines(), last_id)
