-- The scope of a transaction, read by the row-level policies. Every helper raises where the setting is missing or
-- empty: a pooled connection keeps '' after a transaction that had set it, and a prefix test on '' lets all through.

CREATE OR REPLACE FUNCTION onemap.scope_setting(setting text) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
    value text := current_setting(setting, true);
BEGIN
    IF value IS NULL OR value = '' THEN
        RAISE EXCEPTION 'no scope is set: % is empty', setting
            USING ERRCODE = 'insufficient_privilege', HINT = 'Use layers.database.scoped.';
    END IF;
    RETURN value;
END
$body$;

CREATE OR REPLACE FUNCTION onemap.scope_is_whole_city() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $body$
    SELECT onemap.scope_setting('onemap.regions') = '*'
$body$;

CREATE OR REPLACE FUNCTION onemap.scope_prefixes() RETURNS text[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
    value text := onemap.scope_setting('onemap.regions');
BEGIN
    IF value = '*' THEN
        RETURN '{}';
    END IF;
    IF value !~ '^[0-9A-Z]+(,[0-9A-Z]+)*$' THEN
        RAISE EXCEPTION 'the scope is not a list of region prefixes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN string_to_array(value, ',');
END
$body$;

CREATE OR REPLACE FUNCTION onemap.scope_opens(classification text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $body$
    SELECT classification = ANY (string_to_array(onemap.scope_setting('onemap.classifications'), ','))
$body$;

CREATE OR REPLACE FUNCTION onemap.scope_allows(verb text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $body$
    SELECT verb = ANY (string_to_array(onemap.scope_setting('onemap.verbs'), ','))
$body$;

-- Does any of these region codes start with any of these prefixes?
CREATE OR REPLACE FUNCTION onemap.touches(codes text[], prefixes text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $body$
    SELECT EXISTS (SELECT FROM unnest(codes) AS code WHERE code ^@ ANY (prefixes))
$body$;
