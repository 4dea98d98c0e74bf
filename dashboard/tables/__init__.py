"""The tables of the pages in the form that leaves them, one file per page: what CSV and JSON are written from."""
