"""``manage.py rotate_keys``: bring all secrets at rest under a new master key."""

from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from evals import secret_text
from evals.services.keys import Rotation, rotate_secrets


class Command(BaseCommand):
    """Idempotent, and safe to stop anywhere: old keys go only when nothing needs them."""

    help = (
        "Encrypts every kept API key and signing secret anew. With FIELD_KEYS, put a new key first there before "
        "(--print-new-key makes one) and take the old one out afterwards; without it, the key in the data folder is "
        "replaced. --no-new-key only finishes an earlier rotation."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--print-new-key", action="store_true", help="Print a new key and change nothing.")
        parser.add_argument("--no-new-key", action="store_true", help="Rotate to the newest key that is there.")

    def handle(self, *_: Any, **options: Any) -> None:
        if options["print_new_key"]:
            self.stdout.write(Fernet.generate_key().decode())
            return
        with secret_text.one_rotation():
            self._rotate(no_new_key=options["no_new_key"])

    def _rotate(self, *, no_new_key: bool) -> None:
        in_file = not settings.FIELD_KEYS
        # More than one key in the file is a rotation that was cut off: finish it instead of beginning another.
        if in_file and not no_new_key and len(secret_text.field_keys()) == 1:
            secret_text.prepend_key()
        done = rotate_secrets()
        while not done.unreadable and (late := rotate_secrets()).moved:
            # Somebody entered a secret meanwhile with the keys as they were.
            done = Rotation(done.moved + late.moved, late.already, late.unreadable)
        self.stdout.write(f"{done.moved} rotated, {done.already} already under the newest key.")
        if done.unreadable:
            raise CommandError(
                f"{len(done.unreadable)} cannot be read with any key that is here and stayed as they were: "
                f"{', '.join(done.unreadable)}. Put the old key back and run this again, or enter them anew. "
                "No key was dropped."
            )
        if in_file:
            secret_text.drop_old_keys()
        elif len(settings.FIELD_KEYS) > 1:
            self.stdout.write("Now take the older keys out of FIELD_KEYS and restart web and workers.")
