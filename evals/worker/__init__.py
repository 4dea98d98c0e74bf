"""The slice: half a minute of calls to one endpoint, driven by rows of the database."""
