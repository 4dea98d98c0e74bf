"""The first page's table: every model under the reader's assumptions."""

from dashboard.exports import FRONTIER_COLUMNS, frontier_table
from dashboard.frontier import Frontier
from dashboard.tables.table import Table


def models(found: Frontier) -> Table:
    """Complete models first, by price."""
    _, *rows = frontier_table(found)
    return Table(FRONTIER_COLUMNS, rows)
