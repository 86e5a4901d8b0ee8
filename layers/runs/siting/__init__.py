"""The kind ``site_plan``: where the next stations and cameras should stand."""

from layers.runs.siting.kind import SITE_PLAN

__all__ = ["SITE_PLAN"]
