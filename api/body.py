"""The body of a request, read no further than it may be long."""

from __future__ import annotations

from fastapi import Request

from api.errors import TooLarge


async def read_body(request: Request, most: int) -> bytes:
    """Return the body.

    Parameters
    ----------
    most : int
        Bytes that it may have.

    Raises
    ------
    TooLarge
        As soon as more have come.
    """
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most:
            raise TooLarge("the body is too large", limit=most)
    return bytes(body)
