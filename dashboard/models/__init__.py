"""What the pages and the API remember for themselves. Facts live in the catalog."""

from dashboard.models.api_token import ApiToken
from dashboard.models.data_version import DataVersion
from dashboard.models.saved_view import SavedView, ViewChange

__all__ = ["ApiToken", "DataVersion", "SavedView", "ViewChange"]
