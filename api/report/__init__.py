"""A view of a region on one page: HTML that asks for nothing, and its print."""
