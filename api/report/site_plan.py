"""A plan of sites on one page: answer and proof, map, ranked places, years, targets, towns, method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

from api.language import Language
from api.notes import told_note
from api.report.frame import Frame, Paper
from api.report.pictures import Shape, drawing, line_chart

#: Ranked places on the page; a file has all.
MOST_SITES = 60


def site_plan_page(  # noqa: PLR0917 - the facts of a report
    run: Mapping[str, Any],
    sites: Sequence[Mapping[str, Any]],
    city: Mapping[str, Any],
    shapes: Sequence[Shape],
    box: Sequence[float],
    language: Language,
    *,
    made: datetime,
    paper: Paper = "a4",
) -> str:
    """Return the page.

    Parameters
    ----------
    run : mapping
        As ``/runs/{id}`` answers it.
    sites : sequence of mapping
        In the order of their rank, with ``lon`` and ``lat``.
    city : mapping
        The city's card.
    shapes : sequence of Shape
        Outlines of towns.
    box : (west, south, east, north)
        Of the map, in degrees.
    made : datetime
        When the report was made, in the city's time zone.
    """
    return _Page(run, sites, city, shapes, box, language, made, paper).html()


class _Page(Frame):
    def __init__(  # noqa: PLR0917
        self,
        run: Mapping[str, Any],
        sites: Sequence[Mapping[str, Any]],
        city: Mapping[str, Any],
        shapes: Sequence[Shape],
        box: Sequence[float],
        language: Language,
        made: datetime,
        paper: Paper,
    ) -> None:
        super().__init__(city, language, paper)
        self.run, self.sites, self.shapes, self.box, self.made = run, sites, shapes, box, made
        self.findings = run["summary"]["findings"]
        self.unit = run["summary"].get("units", {}).get("gain", "")

    def of(self, what: str) -> list[Mapping[str, Any]]:
        """Return the findings of one sort."""
        return [one for one in self.findings if one["what"] == what]

    def html(self) -> str:
        """Return the whole."""
        title = self.say(self.run["title"])
        if self.run["about"]:
            title = f"{title} · {self.say(self.run['about'])}"
        facts = [self.word("as_of", day=self.city["as_of"])] if self.city["as_of"] else []
        facts.append(self.word("made", time=self.made.strftime("%Y-%m-%d %H:%M")))
        facts.append(self.word("run_number", run=self.run["id"]))
        if self.city["sample"]:
            facts.append(self.word("sample"))
        parts = [
            self.head(title, facts), self._map(), self._answer(), self._places(), self._years(),
            self._targets(), self._towns(), self._sensitivity(), self._shared(), self._candidates(),
            self._method(),
        ]  # fmt: skip
        return self.page(title, parts, kind="plan")

    def _amount(self, value: float) -> str:
        if self.unit == "%":
            return f"{value:,.2f} %"
        return f"{value:,.0f} {self.word('unit_people')}"

    def _map(self) -> str:
        towns = {one["code"]: one["gain"] for one in self.run["areas"] if one["layer"] == "towns"}
        title = self.word("plan_map", count=len(self.sites))
        dots = [(one["lon"], one["lat"], f"{one['rank']:.0f} {one['name'] or ''}") for one in self.sites]
        picture = drawing(self.shapes, towns, self.box, title=title, dots=dots)
        note = f'<p class="note">{self.word("outlines")}</p>' if self.city["sample"] else ""
        return f'<section class="map-box"><h2>{title}</h2>{picture}{note}</section>'

    def _answer(self) -> str:
        [proof], [curve] = self.of("proof"), self.of("curve")
        least = proof["objective"] == "least_cost"
        rows = [
            ("reached", self._amount(proof["already"] + proof["covered"])),
            ("reached_before", self._amount(proof["already"])),
            ("reached_new", self._amount(proof["covered"])),
            ("bound", f"{proof['bound']:,.4g}" if least else self._amount(proof["bound"])),
            ("gap", f"{proof['gap']:.2%}"),
            (
                "solved_by",
                f"{escape(proof['method'])} / {escape(proof['bound_method'])}, {proof['seconds']:g} s",
            ),
            ("elbow", str(curve["elbow"] or "–")),
        ]
        body = "".join(f"<tr><th>{self.word(key)}</th><td><b>{value}</b></td></tr>" for key, value in rows)
        title = self.word("so_far")
        chart = line_chart(curve["covered"], title=title, marked=curve["elbow"])
        return (
            f"<section><h2>{self.word('answer')}</h2><table><tbody>{body}</tbody></table>"
            f"<h2>{title}</h2>{chart}</section>"
        )

    def _places(self) -> str:
        rows = [
            f"<tr><td>{one['rank']:.0f}</td><td>{one['year']:.0f}</td>"
            f"<td>{escape(str(one['name'] or one['host'] or ''))}</td>"
            f"<td>{escape(str(one['host'] or '–'))}</td>"
            f"<td>{self._amount(one['gain'])}</td><td>{one['covered_share']:.2%}</td><td>{one['cost']:,.1f}</td></tr>"
            for one in self.sites[:MOST_SITES]
        ]  # fmt: skip
        heads = ("rank", "year", "place", "host", "gain", "so_far_share", "cost")
        more = len(self.sites) - len(rows)
        note = f'<p class="note">{self.word("more_sites", count=more)}</p>' if more > 0 else ""
        return self.table("ranked", heads, rows) + note

    def _years(self) -> str:
        rows = [
            f"<tr><td>{one['year']}</td><td>{one['sites']}</td><td>{one['cost']:,.1f}</td>"
            f"<td>{self._amount(one['covered'])}</td></tr>"
            for one in self.of("year")
        ]
        return self.table("years", ("year", "sites", "cost", "reached"), rows)

    def _targets(self) -> str:
        rows = [
            f"<tr><td>{one['at_least']:g}</td><td>{one['year']}</td><td>{one['now']}</td><td>{one['after']}</td>"
            f"<td>{one['met_in'] or self.word('not_in_plan')}</td><td>{one['met_at_pace'] or '–'}</td></tr>"
            for one in self.of("target")
        ]
        heads = ("target", "due", "standing_now", "after_plan", "met_in", "met_at_pace")
        return self.table("targets", heads, rows) if rows else ""

    def _towns(self) -> str:
        found = self.of("towns")
        if not found or not found[0]["rows"]:
            return ""
        rows = []
        for one in found[0]["rows"]:
            whole = one["whole"]
            shares = [f"{one[key] / whole:.2%}" if whole > 0 else "–" for key in ("before", "after")]
            lowest = f" ({self.word('lowest')})" if one["code"] == found[0]["lowest"] else ""
            rows.append(
                f"<tr><th>{escape(one['name'])}{lowest}</th><td>{shares[0]}</td><td>{shares[1]}</td></tr>"
            )
        return self.table("fairness", ("region", "share_before", "share_after"), rows)

    def _sensitivity(self) -> str:
        rows = [
            f"<tr><th>{self.word('change_' + one['change'])} {'±' if one['change'] == 'demand' else ''}"
            f"{one['percent']:+d} %</th><td>{one['stay']:g} / {found['sites']}</td>"
            f"<td>{one['least']}</td></tr>"
            for found in self.of("sensitivity")
            for one in found["rows"]
        ]
        return self.table("sensitivity", ("change", "stay", "least_stay"), rows) if rows else ""

    def _shared(self) -> str:
        rows = []
        for one in self.of("shared_poles"):
            facts = ("cost", "cost_apart", "saved")
            rows += [
                f"<tr><th>{self.word('shared_' + key)}</th><td>{one[key]:,.2f}</td></tr>" for key in facts
            ]
        for one in self.of("sharing"):
            roads, places, devices = one["new_roads"], one["public_places"], one["devices"]
            told = {
                "new_roads": f"{roads['with_km_before']:g} → {roads['with_km_after']:g} / {roads['km']:g} km",
                "public_places": f"{places['with_before']} → {places['with_after']} / {places['count']}",
                "mergeable": f"{one['mergeable']['spare']} / {one['mergeable']['poles']}",
                "devices": f"{devices['shared_before']} / {devices['count_before']} → "
                f"{devices['shared_after']} / {devices['count_after']}",
            }
            rows += [
                f"<tr><th>{self.word('shared_' + key)}</th><td>{text}</td></tr>" for key, text in told.items()
            ]
        return self.table("shared", ("figure", "amount"), rows) if rows else ""

    def _candidates(self) -> str:
        rows = [
            f"<tr><th>{self.words['sources'][one['source']]}</th><td>{one['places']:,}</td>"
            f"<td>{one['usable']:,}</td><td>{one['cost']:g}</td></tr>"
            for found in self.of("candidates")
            for one in found["sources"]
        ]
        return self.table("candidates", ("from", "places", "usable", "cost"), rows)

    def _method(self) -> str:
        note = told_note(self.run["note"])
        words = note["words"][self.language]
        limits = "<br>".join(escape(one) for one in words["limits"])
        source = f"{self.word('source')}: {escape(words['source'])}"
        return (
            f'<section class="methods"><h2>{self.word("methods")}</h2><dl>'
            f"<dt>{self.say(self.run['title'])}</dt>"
            f"<dd>{escape(words['method'])}<br>{source}<br>{limits}</dd></dl></section>"
        )
