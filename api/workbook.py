"""Tables as an Excel workbook (Office Open XML, ECMA-376 part 1): one sheet a table, texts and numbers."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
#: Excel takes no longer name, and none of these in it.
_LONGEST_NAME, _NOT_IN_NAMES = 31, "[]:*?/\\"
#: Written into every file as its time, so that the same tables are the same bytes.
_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: its name, its heading and its rows of texts, numbers and nothing."""

    name: str
    heading: Sequence[str]
    rows: Sequence[Sequence[Any]]


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """Return a workbook of some sheets; the heading of each stays in sight.

    Examples
    --------
    >>> found = workbook([Sheet("方案", ["#", "名称"], [[1, "东区"], [2, None]])])
    >>> zipfile.ZipFile(io.BytesIO(found)).read("xl/worksheets/sheet1.xml").count(b"<row ")
    3
    """
    numbers = range(1, len(sheets) + 1)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>'
        + "".join(
            f'<Override PartName="/xl/worksheets/sheet{one}.xml" ContentType="{_KIND}.worksheet+xml"/>'
            for one in numbers
        )
        + "</Types>",
        "_rels/.rels": _related([("rId1", "officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        + "".join(
            f'<sheet name={quoteattr(_name(sheet.name))} sheetId="{one}" r:id="rId{one}"/>'
            for one, sheet in zip(numbers, sheets, strict=True)
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": _related(
            [
                *((f"rId{one}", "worksheet", f"worksheets/sheet{one}.xml") for one in numbers),
                (f"rId{len(sheets) + 1}", "styles", "styles.xml"),
            ]
        ),
        # Two formats: 0 of all cells, 1 of headings.
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font/><font><b/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders>'
        '<cellStyleXfs count="1"><xf/></cellStyleXfs>'
        '<cellXfs count="2"><xf xfId="0"/><xf xfId="0" fontId="1" applyFont="1"/></cellXfs></styleSheet>',
        **{
            f"xl/worksheets/sheet{one}.xml": _sheet(sheet) for one, sheet in zip(numbers, sheets, strict=True)
        },
    }
    room = io.BytesIO()
    with zipfile.ZipFile(room, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name, _TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, _HEAD + text)
    return room.getvalue()


def _name(text: str) -> str:
    return "".join(" " if one in _NOT_IN_NAMES else one for one in text)[:_LONGEST_NAME]


def _related(several: Sequence[tuple[str, str, str]]) -> str:
    parts = (f'<Relationship Id="{one}" Type="{_OFFICE}/{kind}" Target="{to}"/>' for one, kind, to in several)
    return f'<Relationships xmlns="{_RELATIONS}">{"".join(parts)}</Relationships>'


def _sheet(sheet: Sheet) -> str:
    rows = [_row(1, sheet.heading, bold=True)]
    rows += [_row(number, row) for number, row in enumerate(sheet.rows, 2)]
    kept = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    return (
        f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">{kept}</sheetView>'
        f"</sheetViews><sheetData>{''.join(rows)}</sheetData></worksheet>"
    )


def _row(number: int, values: Sequence[Any], *, bold: bool = False) -> str:
    style = ' s="1"' if bold else ""
    cells = (_cell(f"{_column(place)}{number}", value, style) for place, value in enumerate(values))
    return f'<row r="{number}">{"".join(cells)}</row>'


def _cell(at: str, value: Any, style: str) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f'<c r="{at}"{style}><v>{value!r}</v></c>'
    # Control characters have no place in XML.
    text = "".join(one for one in str(value) if one >= " " or one in "\n\t")
    return f'<c r="{at}" t="inlineStr"{style}><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def _column(place: int) -> str:
    """Return the letters of a column.

    Examples
    --------
    >>> [_column(one) for one in (0, 25, 26, 701, 702)]
    ['A', 'Z', 'AA', 'ZZ', 'AAA']
    """
    letters = ""
    place += 1
    while place:
        place, left = divmod(place - 1, 26)
        letters = chr(ord("A") + left) + letters
    return letters
