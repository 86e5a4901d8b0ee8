"""The entry of one feature in the search, kept in the transaction that edits the feature."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_SIGNATURE = (
    "onemap.keep_search_entry(text, bigint, text, text, text, text, text, text, text, text, text[],"
    " double precision[], double precision[])"
)

# Without texts the entry goes. As layers.search.index makes all of a layer; a test holds the two together.
FUNCTION = r"""
CREATE FUNCTION onemap.keep_search_entry(
    of_layer text, id bigint, part text, code text, name text, folded text, pinyin text, initials text,
    texts text, region_code text, region_codes text[], bbox double precision[], point double precision[]
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
    IF NOT (onemap.scope_allows('write') OR onemap.scope_allows('import')) THEN
        RAISE EXCEPTION 'the scope does not allow to write' USING ERRCODE = 'insufficient_privilege';
    END IF;
    DELETE FROM onemap.search_entry AS e WHERE (e.layer, e.feature_id) = ($1, $2);
    IF $9 IS NOT NULL THEN
        INSERT INTO onemap.search_entry (
            layer, feature_id, part, code, name, folded, pinyin, initials, texts, region_code, region_codes,
            bbox, point)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8,
                regexp_replace(lower(normalize(concat_ws(E'\n', $9, $7, $8), NFKC)),
                               '([㐀-鿿])', '\1\1', 'g'),
                $10, $11, $12, $13);
    END IF;
END
$body$;
"""


def upgrade() -> None:
    op.execute(FUNCTION)
    op.execute(f"REVOKE EXECUTE ON FUNCTION {_SIGNATURE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {_SIGNATURE} TO onemap_app")


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {_SIGNATURE}")
