"""Words of the entry pages."""

from collections.abc import Mapping

from django import template

register = template.Library()


@register.filter
def cell(cells: Mapping[str, str], name: str) -> str:
    """One cell of a line."""
    return cells.get(name, "")


@register.filter
def words(name: str) -> str:
    """training_runs becomes training runs."""
    return name.replace("_", " ")
