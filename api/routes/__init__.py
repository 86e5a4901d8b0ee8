"""Everything that is served beside the OGC interface, one file a subject."""
