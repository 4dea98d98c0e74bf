"""The site: settings, Celery, routes, health, and the supervisor behind ``manage.py up``."""
