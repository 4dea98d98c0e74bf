"""The process supervisor behind ``manage.py up``: one file per kind of process, and the loop that keeps them alive."""
