"""Endpoints and suites are entered here; runs and their calls can only be read."""

from evals.admin import endpoint, run, suite

__all__ = ["endpoint", "run", "suite"]
