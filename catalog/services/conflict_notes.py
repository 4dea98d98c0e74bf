"""What editors find out about values that disagree."""

from django.contrib.auth.models import AbstractBaseUser

from catalog.errors import BadFact
from catalog.models import ConflictNote

LONGEST = 2000


def record_conflict_note(*, key: str, text: str, written_by: AbstractBaseUser) -> ConflictNote:
    """Add a note. Earlier ones stay: who wrote what, and when, can always be read.

    :raises BadFact: for no text, or one that is too long.
    """
    said = text.replace("\x00", "").strip()
    if not said:
        raise BadFact(f"The note on {key} is empty. Say what you found out, such as which value is right and why.")
    if len(said) > LONGEST:
        raise BadFact(f"The note on {key} has {len(said):,} characters; {LONGEST:,} is the most. Shorten it.")
    return ConflictNote.objects.create(key=key, text=said, written_by=written_by)
