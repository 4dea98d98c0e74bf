"""The first administrator: made without a password, which is then chosen behind a link that works once."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

FIRST_ADMIN = "admin"


def make_first_admin() -> str:
    """The path of the link, or nothing when an administrator exists already."""
    users = get_user_model()
    if users.objects.filter(is_superuser=True).exists():
        return ""
    return password_link(users.objects.create_superuser(FIRST_ADMIN))  # no password given: an unusable one


def password_link(user: User) -> str:
    """The path of a page on which this user chooses a password, once."""
    name = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("set-password", args=[name, default_token_generator.make_token(user)])
