"""Files of facts: read, compared with the catalog, written as one batch, and written out again in the same columns."""
