"""Reads ``catalog/seed/*.csv`` and writes it to the database. ``catalog.services.seed`` is the way in."""
