"""The mathematics of the project: pure functions over numbers, tables and dates.

No Django, no network, no clock, no randomness without a seed. ``docs/metrics.md`` explains each metric.
"""
