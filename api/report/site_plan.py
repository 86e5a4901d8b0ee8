"""A plan of sites on one page: answer and proof, map, ranked places, years, targets, towns, method."""

from __future__ import annotations

import math
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
            self._head(title, facts), self._map(), self._answer(), self._places(), self._years(),
            self._targets(), self._towns(), self._sensitivity(), self._shared(), self._candidates(),
            self._method(),
        ]  # fmt: skip
        return self.page(title, parts, kind="plan")

    @property
    def _kind(self) -> str:
        """What is gained: people, exposure of blind ground, or what shared poles are asked for in all."""
        if self.unit != "%":
            return "people"
        return "needs" if self.of("shared_poles") else "exposure"

    def _head(self, title: str, facts: Sequence[str]) -> str:
        """Return the heading with the answer in one sentence."""
        [proof], told = self.of("proof"), self.run["note"]["facts"]
        sites = f"{len(self.sites):,}"
        if self._kind == "people":
            after = told.get("people_expected_after", proof["already"] + proof["covered"])
            shares = [f"{one / proof['total']:.1%}" for one in (proof["already"], after)]
            answer = self.word("answer_stations", count=sites, before=shares[0], after=shares[1])
        elif self._kind == "needs":
            saved = f"{self.of('shared_poles')[0]['saved']:,.1f}"
            answer = self.word("answer_poles", count=sites, share=f"{proof['covered']:.2f} %", saved=saved)
        else:
            cells = {name: f"{told[name]:,}" for name in ("blind_cells", "blind_cells_closed")}
            answer = self.word("answer_cameras", count=sites, share=f"{proof['covered']:.2f} %", **cells)
        head = super().head(title, facts)
        return head.replace("</header>", f'<p class="answer">{answer}</p></header>')

    @property
    def _reached(self) -> str:
        """Key of the words for what is reached."""
        return "reached" if self._kind == "people" else f"reached_{self._kind}"

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
        rows = [(self._reached, self._amount(proof["already"] + proof["covered"]))]
        if self._kind == "people":
            rows += [
                ("reached_before", self._amount(proof["already"])),
                ("reached_new", self._amount(proof["covered"])),
            ]
        years = self.of("year")
        if least:
            rows.append(("bound", f"{proof['cost']:,.4g} / {proof['bound']:,.4g}"))
        elif len(years) > 1:
            # The bound is of the sum of what stands after each year.
            summed = sum(one["covered"] - proof["already"] for one in years)
            rows.append(("bound_of_years", f"{self._amount(summed)} / {self._amount(proof['bound'])}"))
        else:
            rows.append(("bound", f"{self._amount(proof['covered'])} / {self._amount(proof['bound'])}"))
        solvers = [
            escape(self.words["solvers"].get(proof[key], proof[key])) for key in ("method", "bound_method")
        ]
        rows += [
            ("gap", f"{proof['gap']:.2%}"),
            ("solved_by", f"{' / '.join(solvers)}, {proof['seconds']:g} s"),
            ("elbow", str(curve["elbow"] or "–")),
        ]
        body = "".join(f"<tr><th>{self.word(key)}</th><td><b>{value}</b></td></tr>" for key, value in rows)
        title = self.word("so_far")
        chart = line_chart(
            curve["covered"], title=title, first=proof["already"], marked=curve["elbow"],
            marked_as=self.word("elbow_at", count=curve["elbow"]),
        )  # fmt: skip
        return (
            f"<section><h2>{self.word('answer')}</h2><table><tbody>{body}</tbody></table>"
            f"<h2>{title}</h2>{chart}</section>"
        )

    def _places(self) -> str:
        rows = [
            f"<tr><td>{one['rank']:.0f}</td><td>{one['year']:.0f}</td>"
            f"<td>{self._place(one)}</td><td>{escape(''.join(_texts(one['host'])) or '–')}</td>"
            f"<td>{self._setting(one)}</td>"
            f"<td>{self._amount(one['gain'])}</td><td>{one['covered_share']:.2%}</td><td>{one['cost']:,.1f}</td></tr>"
            for one in self.sites[:MOST_SITES]
        ]  # fmt: skip
        heads = ("rank", "year", "place", "host", "setting", "gain", "so_far_share", "cost")
        more = len(self.sites) - len(rows)
        note = f'<p class="note">{self.word("more_sites", count=more)}</p>' if more > 0 else ""
        return self.table("ranked", heads, rows) + note

    def _place(self, site: Mapping[str, Any]) -> str:
        """Return what stands there, and its name."""
        source = self.words["sources"].get(site["source"], site["source"])
        return escape(" ".join([str(source), *_texts(site["name"])]))

    def _setting(self, site: Mapping[str, Any]) -> str:
        """Return the height, the direction, and what a shared pole carries."""
        told = []
        if site["height_m"] is not None and not math.isnan(site["height_m"]):
            told.append(f"{site['height_m']:.1f} m")
        if site["azimuth_deg"] is not None and not math.isnan(site["azimuth_deg"]):
            told.append(f"{site['azimuth_deg']:.0f}°")
        told += [self.words["uses"].get(one, one) for text in _texts(site["uses"]) for one in text.split(",")]
        return escape(" · ".join(told)) or "–"

    def _years(self) -> str:
        rows = [
            f"<tr><td>{one['year']}</td><td>{one['sites']}</td><td>{one['cost']:,.1f}</td>"
            f"<td>{self._amount(one['covered'])}</td></tr>"
            for one in self.of("year")
        ]
        return self.table("years", ("year", "sites", "cost", self._reached), rows)

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
            # Of what is missing, nothing is met before the plan.
            keys = ("before", "after") if self._kind == "people" else ("after",)
            shares = "".join(f"<td>{f'{one[key] / whole:.2%}' if whole > 0 else '–'}</td>" for key in keys)
            lowest = f" ({self.word('lowest')})" if one["code"] == found[0]["lowest"] else ""
            rows.append(f"<tr><th>{escape(one['name'])}{lowest}</th>{shares}</tr>")
        heads = ("share_before", "share_after") if self._kind == "people" else (f"share_{self._kind}",)
        return self.table("fairness", ("region", *heads), rows)

    def _sensitivity(self) -> str:
        rows = [
            f"<tr><th>{self.word('change_' + one['change'])} "
            f"{'±' if one['change'] == 'demand' else '+' if one['percent'] > 0 else '−'}"
            f"{abs(one['percent'])} %</th><td>{one['stay']:g} / {found['sites']}</td>"
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


def _texts(value: object) -> list[str]:
    """Return a text alone, and nothing for one that is missing."""
    return [value] if isinstance(value, str) and value else []
