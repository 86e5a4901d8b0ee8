"""Writing layers to files, under the reader's scope."""

from layers.exporting.geopackage import EXPORT_CRS, export_geopackage

__all__ = ["EXPORT_CRS", "export_geopackage"]
