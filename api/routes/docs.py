"""The description of the interface as a plain page that needs nothing from elsewhere."""

from __future__ import annotations

from html import escape
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from api import links
from api.headers import revalidated
from api.language import language_of
from api.ogc.pages import shell
from api.problems import messages

_WORDS = {
    "zh": {
        "title": "接口说明",
        "problems": "错误代码",
        "formats": "机器可读",
        "ogc": "OGC 接口（OpenAPI 3.0）",
    },
    "en": {
        "title": "Interface",
        "problems": "Error codes",
        "formats": "For machines",
        "ogc": "OGC (OpenAPI 3.0)",
    },
}


async def docs(request: Request) -> Response:
    """Return the page: every address with its parameters, and every error code."""
    language = language_of(request)
    words = _WORDS[language]
    parts = [
        f'<p>{words["formats"]}: <a href="/openapi.json">openapi.json</a> · '
        f'<a href="/ogc/api">{words["ogc"]}</a></p>'
    ]
    for path, methods in request.app.openapi()["paths"].items():
        for method, operation in methods.items():
            parts.append(_operation(path, method, operation))
    parts.append(f"<h2>{words['problems']}</h2><table>")
    for code, entry in messages(language)["problems"].items():
        title, detail = escape(entry["title"]), escape(entry["detail"])
        parts.append(f'<tr id="{escape(code)}"><th>{escape(code)}</th><td>{title}</td><td>{detail}</td></tr>')
    parts.append("</table>")
    page = shell(words["title"], "".join(parts), language)
    return HTMLResponse(page, headers={"Vary": "Accept-Language", "Cache-Control": "no-cache"})


def _operation(path: str, method: str, operation: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><th>{escape(parameter['name'])}</th><td>{escape(parameter['in'])}</td>"
        f"<td><code>{escape(_kind(parameter.get('schema', {})))}</code></td>"
        f"<td>{escape(parameter.get('description', ''))}</td></tr>"
        for parameter in operation.get("parameters", [])
    )
    summary = escape(operation.get("summary", ""))
    return f"<h2>{method.upper()} <code>{escape(path)}</code></h2><p>{summary}</p><table>{rows}</table>"


def _kind(schema: dict[str, Any]) -> str:
    kinds = [str(part["type"]) for part in (schema, *schema.get("anyOf", [])) if "type" in part]
    return " | ".join(kind for kind in kinds if kind != "null")


async def openapi(request: Request) -> Response:
    """Return the OpenAPI 3.1 document of the whole interface."""
    return revalidated(request, orjson.dumps(request.app.openapi()), links.JSON)


def add_routes(router: APIRouter) -> None:
    """Add page and document."""
    router.add_api_route("/docs", docs, include_in_schema=False)
    router.add_api_route("/openapi.json", openapi, include_in_schema=False)
