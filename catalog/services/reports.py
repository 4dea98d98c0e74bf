"""What readers say is wrong."""

from catalog.errors import BadFact
from catalog.models import Report

MOST_OPEN = 500


def record_report(
    *,
    page: str,
    about: str = "",
    shown: str = "",
    right_value: str = "",
    evidence_url: str = "",
    text: str = "",
    contact: str = "",
) -> Report:
    """Keep a report for the editors. The same one twice, while it is open, is one row.

    :raises BadFact: when it says nothing, or when so many wait that more would only hide them.
    """
    said = {
        "page": page,
        "about": about,
        "shown": shown,
        "right_value": right_value,
        "evidence_url": evidence_url,
        "text": text,
        "contact": contact,
    }
    longest = {field.name: field.max_length for field in Report._meta.concrete_fields}
    said = {name: value.replace("\x00", "").strip()[: longest[name]] for name, value in said.items()}
    if not (said["right_value"] or said["text"] or said["evidence_url"]):
        raise BadFact("Say what is wrong: the right value, where it can be read, or a sentence.")
    if known := Report.objects.filter(state=Report.State.OPEN, **said).first():
        return known
    if Report.objects.filter(state=Report.State.OPEN).count() >= MOST_OPEN:
        raise BadFact(f"{MOST_OPEN} reports are waiting already, so this one was not kept. Try later.")
    return Report.objects.create(**said)
