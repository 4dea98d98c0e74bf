#!/usr/bin/env python
"""The one command line of the project: ``python manage.py help``."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if sys.argv[1:2] == ["up"] and "--help" not in sys.argv:
        # It only starts other processes; loading every app here first would delay them by a second.
        from config.supervisor.up import main

        sys.exit(main(sys.argv[2:]))
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
