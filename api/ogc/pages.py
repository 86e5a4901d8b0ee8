"""A plain page for any JSON document, readable in a browser: no script, no file from elsewhere."""

from __future__ import annotations

from html import escape
from typing import Any
from urllib.parse import urlsplit

from api.language import Language

STYLE = "/pages.css"


def page(title: str, document: dict[str, Any], language: Language) -> str:
    """Return a document as an HTML page."""
    return shell(title, _value(document), language)


def shell(title: str, body: str, language: Language) -> str:
    """Return a page around HTML that is safe already."""
    code = "zh-Hans" if language == "zh" else "en"
    home = "接口" if language == "zh" else "Interface"
    return (
        f'<!doctype html><html lang="{code}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="{STYLE}"></head><body>'
        f'<nav><a href="/">One Map 一张图</a> · <a href="/ogc">OGC API</a> · <a href="/docs">{home}</a></nav>'
        f"<main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return _link(value) if "href" in value and "rel" in value else _table(value)
    if isinstance(value, list):
        return _list(value)
    if value is None or isinstance(value, bool):
        return f"<i>{str(value).lower().replace('none', 'null')}</i>"
    return escape(str(value))


def _table(mapping: dict[str, Any]) -> str:
    rows = (f"<tr><th>{escape(str(key))}</th><td>{_value(part)}</td></tr>" for key, part in mapping.items())
    return f"<table>{''.join(rows)}</table>"


def _list(values: list[Any]) -> str:
    if values and all(isinstance(part, int | float) for part in values):
        return escape(", ".join(str(part) for part in values))
    if values and all(isinstance(part, list) for part in values):
        return f"<code>{escape(str(values))}</code>"
    return "<ul>" + "".join(f"<li>{_value(part)}</li>" for part in values) + "</ul>"


def _link(found: dict[str, Any]) -> str:
    href = str(found["href"])
    text = escape(str(found.get("title") or found["rel"]))
    note = f" <small>{escape(str(found['rel']))} · {escape(str(found.get('type', '')))}</small>"
    if urlsplit(href).scheme not in ("http", "https", ""):
        return text + note
    return f'<a href="{escape(href, quote=True)}">{text}</a>{note}'
