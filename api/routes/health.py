"""Is the process alive, and can it serve? Two questions with two answers."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from api.dependencies import TheService


async def healthz() -> Response:
    """Say that the process answers; touches nothing else, so that it never waits for anything."""
    return JSONResponse({"status": "alive"}, headers={"Cache-Control": "no-store"})


async def readyz(service: TheService) -> Response:
    """Say that the database answers; 503 where it does not."""
    async with service.database.connection() as connection:
        await connection.fetchval("SELECT 1")
    return JSONResponse({"status": "ready"}, headers={"Cache-Control": "no-store"})


def add_routes(router: APIRouter) -> None:
    """Add the two addresses."""
    router.add_api_route("/healthz", healthz, summary="Is the process alive?")
    router.add_api_route("/readyz", readyz, summary="Can it serve?")
