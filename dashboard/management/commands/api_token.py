from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from dashboard.models import ApiToken


class Command(BaseCommand):
    help = "Make a token with which a program may use the API as a user. It is printed once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="Which program gets it.")
        parser.add_argument("--user", default="admin", help="As whom it acts; what that user may do, it may do.")

    def handle(self, *_args: Any, **options: Any) -> None:
        users = get_user_model().objects
        user = users.filter(username=options["user"]).first()
        if user is None:
            known = ", ".join(users.order_by("username").values_list("username", flat=True)[:20])
            raise CommandError(f"There is no user {options['user']!r}. Known are: {known or 'none yet'}.")
        _, secret = ApiToken.issue(name=options["name"], user_id=user.pk)
        self.stdout.write(secret)
