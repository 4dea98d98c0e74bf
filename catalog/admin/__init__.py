"""Data entry. One file per noun; every fact asks for its source."""

from catalog.admin import (
    alias,
    benchmark,
    claim,
    conflict_note,
    hardware,
    index,
    merge,
    model,
    offering,
    organization,
    price,
    source,
    training,
)

__all__ = [
    "alias",
    "benchmark",
    "claim",
    "conflict_note",
    "hardware",
    "index",
    "merge",
    "model",
    "offering",
    "organization",
    "price",
    "source",
    "training",
]
