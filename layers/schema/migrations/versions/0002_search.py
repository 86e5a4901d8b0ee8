"""The search table and the one function that reads it."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE onemap.search_entry (
    layer text COLLATE "C" NOT NULL,
    feature_id bigint NOT NULL,
    code text COLLATE "C",
    name text,
    folded text COLLATE "C",
    pinyin text COLLATE "C",
    initials text COLLATE "C",
    texts text NOT NULL,
    region_code text COLLATE "C",
    region_codes text[],
    bbox double precision[],
    point double precision[],
    CONSTRAINT search_entry_pkey PRIMARY KEY (layer, feature_id)
);
COMMENT ON TABLE onemap.search_entry IS 'Names and codes of features, made anew after a load.';
CREATE INDEX search_entry_code ON onemap.search_entry (code);
CREATE INDEX search_entry_folded ON onemap.search_entry (folded);
CREATE INDEX search_entry_initials ON onemap.search_entry (initials);
CREATE INDEX search_entry_texts ON onemap.search_entry USING gin (texts ext.gin_trgm_ops);
"""

# Candidates are few before anything is ranked: exact ones and beginnings by their indexes, and the first 500
# that hold the text, in the order of the table. Chinese characters stand doubled in `texts` and in what is
# looked for there, so that two of them, the usual length of a place's name, make trigrams and need no look at
# every row. What is shorter still is looked for as a beginning only.
FUNCTION = r"""
CREATE FUNCTION onemap.find_entries(
    wanted text, whole_layers text[], cut_layers text[], prefixes text[], most integer, plain text
) RETURNS TABLE (
    layer text, feature_id bigint, code text, name text, bbox double precision[], point double precision[]
)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, ext, pg_temp
SET plan_cache_mode = force_custom_plan
AS $body$
<<v>>
DECLARE
    after text := wanted || chr(1114111);
    after_plain text := plain || chr(1114111);
    doubled text := regexp_replace(wanted, '([㐀-鿿])', '\1\1', 'g');
    pattern text := '%' || replace(replace(replace(doubled, '\', '\\'), '%', '\%'), '_', '\_') || '%';
BEGIN
    IF cardinality(cut_layers) > 0 AND (
        coalesce(cardinality(prefixes), 0) = 0 OR '' = ANY (prefixes)
        OR array_position(prefixes, NULL) IS NOT NULL) THEN
        RAISE EXCEPTION 'searching needs a scope: the whole city or region prefixes'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN QUERY
    WITH open AS NOT MATERIALIZED (
        SELECT e.* FROM onemap.search_entry AS e
        WHERE e.layer = ANY (whole_layers)
           OR e.layer = ANY (cut_layers)
              AND (e.region_code ^@ ANY (prefixes) OR onemap.touches(e.region_codes, prefixes))
    ), candidate AS MATERIALIZED (
        (SELECT o.layer, o.feature_id FROM open AS o
         WHERE o.code >= plain AND o.code < v.after_plain ORDER BY o.code LIMIT 100)
        UNION
        (SELECT o.layer, o.feature_id FROM open AS o
         WHERE o.folded >= wanted AND o.folded < v.after ORDER BY o.folded LIMIT 200)
        UNION
        (SELECT o.layer, o.feature_id FROM open AS o
         WHERE o.initials >= wanted AND o.initials < v.after ORDER BY o.initials LIMIT 200)
        UNION
        (SELECT o.layer, o.feature_id FROM open AS o
         WHERE o.layer = 'regions' AND strpos(o.texts, v.doubled) > 0 LIMIT 200)
        UNION
        (SELECT o.layer, o.feature_id FROM open AS o
         WHERE char_length(v.doubled) > 2 AND o.texts LIKE v.pattern LIMIT 500)
    )
    SELECT e.layer, e.feature_id, e.code, e.name, e.bbox, e.point
    FROM candidate AS c JOIN onemap.search_entry AS e ON (e.layer, e.feature_id) = (c.layer, c.feature_id)
    ORDER BY CASE WHEN e.code = plain OR e.folded = wanted THEN 0
                  WHEN e.folded ^@ wanted THEN 1
                  WHEN e.initials = wanted OR e.pinyin = wanted THEN 2
                  WHEN e.initials ^@ wanted OR e.pinyin ^@ wanted OR e.code ^@ plain THEN 3
                  ELSE 4 END,
             (e.layer <> 'regions'), length(e.name), e.name, e.layer, e.feature_id
    LIMIT most;
END
$body$;
REVOKE EXECUTE ON FUNCTION onemap.find_entries(text, text[], text[], text[], integer, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION onemap.find_entries(text, text[], text[], text[], integer, text) TO onemap_app;
"""


def upgrade() -> None:
    op.execute(TABLE)
    op.execute(FUNCTION)


def downgrade() -> None:
    op.execute("DROP FUNCTION onemap.find_entries(text, text[], text[], text[], integer, text)")
    op.execute("DROP TABLE onemap.search_entry")
