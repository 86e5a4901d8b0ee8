"""Pipes and cables under the streets: graph of streets, routes, sizes, levels and fittings."""
