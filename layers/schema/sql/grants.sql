-- What the application's role may do with the fixed tables, and who may call which function.

GRANT SELECT ON onemap.layer_change, onemap.layer_definition, onemap.setting, onemap.layer_statistics,
    onemap.layer_schema, onemap.import_record, onemap.audit, onemap.region_shape, onemap.region_piece TO onemap_app;
GRANT INSERT ON onemap.import_record, onemap.audit TO onemap_app;
GRANT UPDATE (rows, refused, first_id, last_id) ON onemap.import_record TO onemap_app;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA onemap FROM PUBLIC;
GRANT EXECUTE ON FUNCTION onemap.scope_setting(text), onemap.scope_is_whole_city(), onemap.scope_prefixes(),
    onemap.scope_opens(text), onemap.scope_allows(text), onemap.touches(text[], text[]),
    onemap.region_of(ext.geometry), onemap.region_area(text[]), onemap.clipped(ext.geometry, ext.geometry),
    onemap.deepest(text[]), onemap.clearance_of(ext.geometry), onemap.note_rows(text, bigint),
    onemap.is_wide(text, double precision[]), onemap.first_moment(text, text)
    TO onemap_app;
