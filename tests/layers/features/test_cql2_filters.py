"""CQL2 filters against rows of PostGIS: each gives the rows that the same words mean in Python."""

from datetime import date

import pytest

from layers.database import admin_connection
from layers.features.cql2_filters import BadFilter, Bound, compile_filter

MEANINGS = {
    "height_m > 10": lambda r: (r["height_m"] or 0) > 10,
    "10 < height_m": lambda r: (r["height_m"] or 0) > 10,
    "kind IN ('lamp', 'signal')": lambda r: r["kind"] in ("lamp", "signal"),
    "NOT kind = 'lamp'": lambda r: r["kind"] != "lamp",
    "owner IS NULL": lambda r: r["owner"] is None,
    "owner LIKE '城%'": lambda r: (r["owner"] or "").startswith("城"),
    "free_slots BETWEEN 1 AND 2": lambda r: r["free_slots"] in (1, 2),
    "multi_use": lambda r: bool(r["multi_use"]),
    "multi_use = true OR height_m = 8": lambda r: bool(r["multi_use"]) or r["height_m"] == 8,
    "A_CONTAINS(modules, ('camera'))": lambda r: "camera" in (r["modules"] or []),
    "installed_on < DATE('2015-01-01')": lambda r: (
        r["installed_on"] is not None and r["installed_on"] < date(2015, 1, 1)
    ),
    "years_before_today(installed_on) > free_slots": lambda r: (
        r["installed_on"] is not None
        and r["free_slots"] is not None
        and (date(2020, 12, 31) - r["installed_on"]).days / 365.2425 > r["free_slots"]
    ),
    "days_before_today(installed_on) = 0": lambda r: r["installed_on"] == date(2020, 12, 31),
}

ROWS = [
    {"code": f"P{n}", "kind": kind, "owner": owner, "height_m": height, "free_slots": slots,
     "multi_use": multi, "modules": modules, "installed_on": on}
    for n, (kind, owner, height, slots, multi, modules, on) in enumerate([
        ("lamp", "城市管理局", 8.0, 1, True, ["lighting", "camera"], date(2014, 12, 31)),
        ("signal", "公安分局", 12.5, 2, False, ["camera"], date(2020, 12, 31)),
        ("lamp", None, None, None, None, None, None),
        ("camera", "城管", 10.0, 9, False, [], date(2015, 1, 1)),
    ])
]  # fmt: skip


@pytest.mark.postgis
def test_a_filter_means_in_the_database_what_its_words_mean(module_database, catalog):
    poles = catalog.layer("poles")
    with admin_connection(module_database) as connection:
        for row in ROWS:
            connection.execute(
                "INSERT INTO city.poles (geom, provenance, source, code, kind, owner, height_m, free_slots,"
                " multi_use, modules, installed_on)"
                " VALUES (ST_Point(115.8, 31.8, 4326), 'synthetic', 'tests',"
                " %(code)s, %(kind)s, %(owner)s, %(height_m)s, %(free_slots)s, %(multi_use)s, %(modules)s,"
                " %(installed_on)s)",
                row,
            )
        for text, means in MEANINGS.items():
            bound = Bound([date(2020, 12, 31), "Asia/Shanghai"])
            where = compile_filter(text, poles, catalog.code_lists, bound).as_string()
            query = "SELECT t.code FROM city.poles AS t WHERE $1::date IS NOT NULL AND $2::text <> '' AND "
            query += where
            for number in range(len(bound.values), 0, -1):
                query = query.replace(f"${number}", f"%(p{number})s")
            values = {f"p{number}": value for number, value in enumerate(bound.values, 1)}
            found = {code for (code,) in connection.execute(query.encode(), values)}
            assert found == {row["code"] for row in ROWS if means(row)}, text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("hight_m > 3", "did you mean height_m"),
        ("height_m > 'high'", "no value of type number"),
        ("kind = 'lampp'", "did you mean lamp"),
        ("A_CONTAINS(modules, ('kamera'))", "did you mean camera"),
        ("A_CONTAINS(kind, ('lamp'))", "several codes"),
        ("height_m = multi_use", "cannot be compared"),
        ("installed_on > 3", "no value of type date"),
        ("years_before_today(kind) > 3", "takes a date"),
        ("height_m", "a condition is expected"),
        ("S_INTERSECTS(geom, POINT(1 2))", "not taken here"),
        ("sqrt(height_m) > 3", "functions: days_before_today"),
        ("code = 'x'; DROP TABLE city.poles", "not CQL2 text"),
        ("", "not CQL2 text"),
    ],
)
def test_a_filter_that_does_not_fit_says_why(catalog, text, says):
    with pytest.raises(BadFilter) as refused:
        compile_filter(text, catalog.layer("poles"), catalog.code_lists, Bound())
    assert says in refused.value.reason


def test_every_value_is_bound_and_none_stands_in_the_text(catalog):
    bound = Bound()
    text = "owner = 'O''Brien''s; --' AND height_m > 3"
    where = compile_filter(text, catalog.layer("poles"), catalog.code_lists, bound).as_string()
    assert "Brien" not in where
    assert bound.values == ["O'Brien's; --", 3.0]
