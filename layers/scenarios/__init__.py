"""Scenarios: named, versioned sets of hypothetical changes over the live layers."""
