"""Saved views: what a page answers, in a few lines that can be compared, and telling who follows it when they change.

Frontier: who is on it, at which price. Training: what the runs cost under the assumptions of the view. Models,
comparisons and prices: each provider's list prices of the models named. All but training: scores of those models that
moved beyond chance.
"""

import hashlib
import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from catalog.errors import CatalogError
from catalog.models import ModelVersion, Offering, Source
from catalog.selectors.merges import current_slugs
from catalog.selectors.prices import prices_in_force
from dashboard import formats
from dashboard.errors import BadParameter, NotFound
from dashboard.freshness import data_version
from dashboard.frontier import frontier
from dashboard.frontier_row import FrontierRow
from dashboard.ledger import comparison, ledgers
from dashboard.models import SavedView, ViewChange
from dashboard.query import FrontierQuery
from dashboard.training_costs import cost_lines, market
from dashboard.training_query import TrainingQuery
from evals.models import Alert, AlertRule, Channel
from evals.services.delivery import queue

logger = logging.getLogger(__name__)

LONGEST_ADDRESS = 600
MOST_VIEWS = 100
ALL_CHANNELS = "evals.change_alert"
# What an entry is about, as a key that outlives its name, to ``{"name", "value", "source"}``.
Answer = dict[str, dict[str, str]]


class CannotBeSaved(ValueError):
    """The address is not one whose answer can be followed."""


class NoSuchPage(CannotBeSaved):
    """There is no page at the address, or none whose answer can be followed."""


def answer_of(address: str) -> Answer:
    """What the page at ``address`` says.

    :raises NoSuchPage: for an address that is none of a page with prices or a frontier.
    :raises CannotBeSaved: where the query, or a name in the path, is wrong.
    """
    nowhere = NoSuchPage(f"{address[:100]!r} is not a page of this site. Give its path, such as /?access=open.")
    try:
        parts = urlsplit(address)
    except ValueError:
        raise nowhere from None
    # No database takes a NUL, and no page has one.
    if parts.scheme or parts.netloc or not address.startswith("/") or "\x00" in unquote(address):
        raise nowhere
    if len(address) > LONGEST_ADDRESS:
        raise nowhere
    values = {name: found[-1] for name, found in parse_qs(parts.query).items()}
    folders = [unquote(each) for each in parts.path.split("/") if each]
    try:
        if not folders:
            return _frontier(values)
        if folders[0] in {"models", "compare"} and len(folders) > 1:
            return _models(folders[1:])
        if folders == ["training"]:
            return _training(values)
        if folders[0] == "prices":
            return _models([slug for each in parse_qs(parts.query).get("model", []) for slug in each.split(",")])
    except (CatalogError, BadParameter, NotFound) as error:
        raise CannotBeSaved(str(error)) from None
    raise NoSuchPage(
        f"The page {parts.path} cannot be followed. The frontier, models, comparisons, prices and training can: open "
        "one of them and choose Save this view."
    )


def save_view(
    *, user: AbstractBaseUser, address: str, name: str, channels: Iterable[int] | None = None
) -> tuple[SavedView, bool]:
    """Follow an address; say whether it is new. The same one again renames it.

    ``channels``: ids of those to be told, where the user may; None leaves them as they are.

    :raises CannotBeSaved: for an address that cannot be followed, or when too many are.
    """
    answer = answer_of(address)
    if SavedView.objects.filter(user_id=user.pk).exclude(address=address).count() >= MOST_VIEWS:
        raise CannotBeSaved(f"You follow {MOST_VIEWS} views already. Remove one first.")
    named = {"name": (name.replace("\x00", "").strip() or address)[:100]}
    view, is_new = SavedView.objects.update_or_create(
        user_id=user.pk, address=address, defaults=named, create_defaults=named | {"answer": answer}
    )
    if channels is not None:
        view.channels.set(channels_for(user).filter(pk__in=list(channels)))
    return view, is_new


def channels_for(user: AbstractBaseUser) -> QuerySet[Channel]:
    """Where a user may have changes sent: anywhere with the permission of the alerts page, else where readers may."""
    channels = Channel.objects.filter(is_active=True)
    if not user.is_active:
        return channels.none()
    if isinstance(user, PermissionsMixin) and user.has_perm(ALL_CHANNELS):
        return channels
    return channels.filter(is_open_to_readers=True)


def check_views() -> int:
    """Compute the views whose data have changed, and tell who follows them. Return how many answers changed.

    One that fails is left to the next round, and the others go on.
    """
    state, changed = _state(), 0
    for pk in list(SavedView.objects.exclude(checked=state).values_list("pk", flat=True)):
        try:
            changed += _check(pk, state)
        except Exception:
            logger.exception("Saved view %s could not be checked; it is tried again in the next round.", pk)
    return changed


def differences(before: Mapping[str, Mapping[str, str]], after: Mapping[str, Mapping[str, str]]) -> list[str]:
    """One line per thing that changed, in words: before, after, source."""
    lines, found = [], set()
    for key, now in after.items():
        name = now.get("name", key)
        known_as = key if key in before else name  # answers kept before entries had names are keyed by these
        found.add(known_as)
        was = before.get(known_as)
        if was is None:
            lines.append(f"{name}: new, {now['value']}.{_read_at(now)}")
        elif was["value"] != now["value"]:
            lines.append(f"{name}: {was['value']} before, {now['value']} now.{_read_at(now)}")
    for key, was in before.items():
        if key not in found:
            lines.append(f"{was.get('name', key)}: gone, was {was['value']}.{_read_at(was)}")
    return lines


def _read_at(entry: Mapping[str, str]) -> str:
    return f" Source: {entry['source']}" if entry["source"] else ""


def _check(pk: int, state: str) -> bool:
    with transaction.atomic():
        found = SavedView.objects.select_for_update(of=("self",)).select_related("user").filter(pk=pk)
        view = found.first()
        if view is None or view.checked == state:  # removed, or checked by somebody else meanwhile
            return False
        try:
            answer = answer_of(view.address)
        except CannotBeSaved as error:
            answer = {"This view": _entry("This view", str(error), [])}
        lines = differences(view.answer, answer)
        view.answer, view.checked = answer, state
        view.save(update_fields=["answer", "checked"])
        if not lines:
            return False
        count = formats.plural(len(lines), "change")
        change = ViewChange.objects.create(
            view=view, at=timezone.now(), title=f"{view.name}: {count}"[:300], text="\n".join(lines)
        )
        queue(
            channels_for(view.user).filter(saved_views=view),
            event=f"view:{view.pk}:{change.pk}",
            kind="view",
            title=change.title,
            text=change.text,
            url=view.address,
            happened_at=change.at,
        )
    return True


def _state() -> str:
    """What the answers depend on: catalog, day, and the alerts about scores."""
    drifted = Alert.objects.filter(rule__kind=AlertRule.Kind.SCORE, recovered_at=None).order_by("pk")
    keys = ",".join(str(pk) for pk in drifted.values_list("pk", flat=True))
    digest = hashlib.sha256(keys.encode()).hexdigest()[:32]  # there may be any number of them
    return f"{data_version()}/{timezone.now():%Y%m%d}/{digest}"


def _frontier(values: Mapping[str, str]) -> Answer:
    found = frontier(FrontierQuery.parse(values))
    answer = {f"frontier {row.id}": _standing(row) for row in found.frontier}
    return answer | _drifted([row.version.model_id for row in found.frontier])


def _training(values: Mapping[str, str]) -> Answer:
    """The four costs and the verdict of each compared run, and what every other run costs at the rent."""
    query = TrainingQuery.parse(values)
    found, known = ledgers(query.rent, query.judged_by), market()
    pair = comparison(found)
    answer: Answer = {}
    for ledger in found:
        run = f"training run {ledger.run.pk}"
        if pair and ledger in (pair.first, pair.second):
            judged = _entry(f"{ledger.name}, could it be true", ledger.verdict.verdict, ledger.sources)
            answer[f"{run}, verdict"] = judged
            for line in cost_lines(ledger, query.owned, known):
                named = f"{ledger.name}, {line.title}"
                answer[f"{run}, {line.title}"] = _entry(named, formats.usd(line.usd), line.sources)
        else:
            answer[f"{run}, Rent"] = _entry(f"{ledger.name}, Rent", formats.usd(ledger.usd), ledger.sources)
    return answer


def _standing(row: FrontierRow) -> dict[str, str]:
    name = f"{row.name} on the frontier"
    if row.measured:
        return {"name": name, "value": f"{formats.usd(row.cost)} per solved task", "source": row.measured.url}
    return _entry(name, f"{formats.usd(row.cost)} per 1M tokens", row.price_sources)


def _models(slugs: list[str]) -> Answer:
    versions = list(ModelVersion.objects.select_related("model").filter(model__slug__in=current_slugs(slugs)))
    if not versions:
        raise CannotBeSaved(
            "No model of the catalog is named there. Open a model, a comparison or prices of some models."
        )
    answer: Answer = {}
    offers = prices_in_force(as_of=timezone.now().date(), version_ids=[version.pk for version in versions])
    for version in sorted(versions, key=lambda each: each.name):
        listed = offers.get(version.pk, [])
        sold_by = Counter(offer.offering.provider_id for offer in listed)
        for offer in listed:
            seller = _seller(offer.offering, is_only=sold_by[offer.offering.provider_id] == 1)
            for component, price in sorted(offer.components.items()):
                name = f"{version.name} by {seller}, {component.replace('_', ' ')}"
                ended = f", {offer.ended.words}" if offer.ended else ""
                said = f"{formats.usd(price.usd_per_mtok)} per 1M tokens{ended}"
                answer[f"offering {offer.offering.pk}, {component}"] = _entry(name, said, [price.source])
    return answer | _drifted([version.model_id for version in versions])


def _seller(offering: Offering, *, is_only: bool) -> str:
    """The provider, and which of its offerings of the version where it has several."""
    if is_only:
        return offering.provider.name
    what = [offering.provider_model_id, offering.quantisation, offering.speed_class]
    return f"{offering.provider.name} ({', '.join(part for part in what if part)})"


def _drifted(model_ids: Iterable[int]) -> Answer:
    """Open alerts about scores of these models."""
    wanted = set(model_ids)
    found: Answer = {}
    alerts = Alert.objects.filter(rule__kind=AlertRule.Kind.SCORE, recovered_at=None).select_related(
        "endpoint__version", "endpoint__offering__version"
    )
    for alert in alerts.order_by("pk"):
        endpoint: Any = alert.endpoint
        version = endpoint and (endpoint.version or (endpoint.offering and endpoint.offering.version))
        if version and version.model_id in wanted:
            name = f"Measured score of {endpoint.name}"
            found[f"alert {alert.pk}"] = {"name": name, "value": alert.title, "source": alert.url}
    return found


def _entry(name: str, value: str, sources: Iterable[Source]) -> dict[str, str]:
    return {"name": name, "value": value, "source": ", ".join(source.url for source in sources)}
