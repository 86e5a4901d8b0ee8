"""OGC API - Features: landing page, conformance, collections, items."""
