"""The JSON API under ``/api/v1/``: the numbers of the pages, with their sources, for programs."""
