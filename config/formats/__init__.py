"""How days and moments are written where a page does not say it: as on the pages, 8 Feb 2025."""
