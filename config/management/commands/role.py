from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError

from config.admin_link import password_link
from config.roles import wanted


class Command(BaseCommand):
    help = "Put a user into roles, and out of the others. Makes the user if need be, with a link to set a password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="The user's name.")
        parser.add_argument("roles", nargs="*", help="viewer, editor, reviewer, operator, admin; none takes all away.")
        parser.add_argument("--create", action="store_true", help="Make the user and print a link that works once.")

    def handle(self, *_args: Any, **options: Any) -> None:
        roles = list(wanted(set()))
        if wrong := [name for name in options["roles"] if name not in roles]:
            raise CommandError(f"There is no role {wrong[0]!r}. Choose among {', '.join(roles)}.")
        users = get_user_model().objects
        user = users.filter(username=options["user"]).first()
        if user is None and not options["create"]:
            raise CommandError(f"There is no user {options['user']!r}. Add --create to make one.")
        if user is None:
            user = users.create_user(options["user"])
            self.stdout.write(f"Set the password here, once: {settings.APP_URL}{password_link(user)}")
        user.groups.remove(*Group.objects.filter(name__in=roles))
        user.groups.add(*Group.objects.filter(name__in=options["roles"]))
        user.is_staff = bool(options["roles"]) or user.is_superuser
        user.save(update_fields=["is_staff"])
        self.stdout.write(f"{user} is {', '.join(options['roles']) or 'in no role'}.")
