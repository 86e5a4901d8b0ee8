"""Runs: executions of analyses with their inputs, progress and results."""
