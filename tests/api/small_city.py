"""A small city in PostGIS: every kind of geometry, some of each awkward value, written by plain SQL."""

from layers.database import Addresses, admin_connection, set_scope
from layers.scope import Scope

CAMERAS = 250

_ROWS = """
INSERT INTO city.regions
    (code, geom, provenance, source, system, level, name, short_name, parent_code, code_prefix, legal)
SELECT code, ST_MakeEnvelope(west, 31.70, east, 31.90, 4326), 'synthetic', 'tests', 'admin', level,
       name, short, parent, code, false
FROM (VALUES
  ('341504', 115.80, 116.00, 'county', '叶集区', '叶集', '341500'),
  ('341504001', 115.80, 115.90, 'town', '镇区街道', '镇区', '341504'),
  ('341504002', 115.90, 116.00, 'town', '姚李镇', '姚李', '341504'),
  ('341504001001', 115.80, 115.85, 'community', '花园社区居民委员会', '花园社区', '341504001')
) AS region (code, west, east, level, name, short, parent);

INSERT INTO city.cameras (code, geom, provenance, source, name, device_id, online, azimuth_deg)
SELECT 'SXT' || lpad(n::text, 4, '0'),
       ST_SetSRID(ST_Point(115.801 + 0.198 * ((n * 37) %% 250) / 250,
                           31.701 + 0.198 * ((n * 91) %% 250) / 250), 4326),
       'synthetic', 'tests', CASE n WHEN 7 THEN '车站路''"</script>口' ELSE '未名路' || n || '号口' END,
       CASE n WHEN 9 THEN '34150400001320000009' END, n %% 3 > 0,
       CASE WHEN n %% 5 = 0 THEN NULL WHEN n %% 5 = 1 THEN 0 ELSE (n * 17) %% 360 END
FROM generate_series(1, %(cameras)s) AS n;

INSERT INTO city.pipes (code, geom, provenance, source, kind, medium)
VALUES ('GX1', ST_GeomFromText('LINESTRING(115.84 31.8, 115.86 31.8, 115.95 31.81)', 4326),
        'synthetic', 'tests', %(pipe)s, %(medium)s);

INSERT INTO city.buildings (code, geom, provenance, source, name, height_m)
VALUES ('JZ1', ST_Difference(ST_MakeEnvelope(115.85, 31.8, 115.851, 31.801, 4326),
                             ST_MakeEnvelope(115.8503, 31.8003, 115.8506, 31.8006, 4326)),
        'synthetic', 'tests', '叶集区政府', 12.5),
       ('JZ2', ST_MakeEnvelope(115.848, 31.8, 115.849, 31.801, 4326), 'synthetic', 'tests', NULL, NULL);

INSERT INTO city.incidents (code, geom, provenance, source, class_code, channel, occurred_at)
SELECT 'SJ' || n, ST_SetSRID(ST_Point(115.85 + n * 0.001, 31.8), 4326), 'synthetic', 'tests',
       %(class)s, %(channel)s, timestamptz '2020-01-01 00:00:00+08' + make_interval(days => n)
FROM generate_series(0, 9) AS n;

INSERT INTO city.region_statistics (code, provenance, source, region_code, indicator, year, unit)
VALUES ('TJ1', 'synthetic', 'tests', '341504', %(indicator)s, 2020, '人');
"""


def fill(addresses: Addresses) -> None:
    """Write the rows and their search entries."""
    from layers.definitions.loading import read_catalog
    from layers.search.index import rebuild

    catalog = read_catalog()

    def first(layer: str, field: str) -> str:
        codes = catalog.layer(layer).field(field).codes
        return catalog.code_lists[codes].codes[0].code

    facts = {
        "cameras": str(CAMERAS),
        "pipe": f"'{first('pipes', 'kind')}'",
        "medium": f"'{first('pipes', 'medium')}'",
        "indicator": f"'{first('region_statistics', 'indicator')}'",
        "class": f"'{first('incidents', 'class_code')}'",
        "channel": f"'{first('incidents', 'channel')}'",
    }
    with admin_connection(addresses) as connection:
        with connection.transaction():
            set_scope(connection, Scope.everything("tests"))
            connection.execute((_ROWS % facts).encode())
        rebuild(connection, catalog)
