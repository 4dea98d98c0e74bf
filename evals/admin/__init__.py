"""Endpoints, suites, schedules and alert rules are entered here; runs and their calls can only be read."""

from evals.admin import alert, endpoint, run, schedule, suite

__all__ = ["alert", "endpoint", "run", "schedule", "suite"]
