"""Sanity rules. A doubtful value waits for a person; a snapshot that is doubtful as a whole is refused."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from statistics import median

from ingest.adapters.base import Parsed, PriceObservation, RecordError, Rejected, payload_hash
from ingest.errors import SnapshotRejected

DEAREST = Decimal(300)
CHEAPEST = Decimal("0.0005")
LARGEST_CHANGE = 3
LARGEST_LOSS = 0.10
LARGEST_TURNOVER = 2 / 3
LARGEST_REFUSAL = 0.10
FEW = 5
# Input prices of every public feed seen so far have their median between 0.2 and 1.5 USD per Mtok.
PLAUSIBLE_MEDIAN = (Decimal("0.005"), Decimal(50))
LEAST_FOR_MEDIAN = 10
LARGEST_SHARE_OF_JUMPS = 0.25
LARGEST_SHARE_OF_WITHDRAWALS = 0.5


def refuse_unstorable(parsed: Parsed) -> None:
    """Move records whose text PostgreSQL cannot keep to the refused ones."""
    kept = []
    for record in parsed.records:
        try:
            payload_hash(record.payload)
            kept.append(record)
        except RecordError as error:
            seller = record.provider.id if record.provider else ""
            parsed.rejected.append(
                Rejected(record.external_key, str(error), seller, record.raw_name, record.provider_model_id)
            )
    parsed.records[:] = kept


def check_content(parsed: Parsed, *, least_records: int) -> None:
    """Refuse a file that is empty, mostly unreadable, or priced in another unit than its adapter expects."""
    if len(parsed.records) < least_records:
        raise SnapshotRejected(
            f"The file holds {len(parsed.records)} readable records; at least {least_records} are expected."
        )
    refused, total = len(parsed.rejected), len(parsed.rejected) + len(parsed.records)
    if refused > FEW and refused > LARGEST_REFUSAL * total:
        raise SnapshotRejected(
            f"{refused} of {total} records cannot be read, the first because: {parsed.rejected[0].reason} "
            "The feed may have changed its format; nothing was taken."
        )
    inputs = [
        observation.usd_per_mtok
        for record in parsed.records
        for observation in record.observations
        if isinstance(observation, PriceObservation) and observation.component == "input" and observation.usd_per_mtok
    ]
    if len(inputs) >= LEAST_FOR_MEDIAN:
        middle = median(inputs)
        low, high = PLAUSIBLE_MEDIAN
        if not low <= middle <= high:
            raise SnapshotRejected(
                f"Half of the input prices are {'above' if middle > high else 'below'} {middle:f} USD per million "
                "tokens, so the file seems to use another unit than this feed did. Nothing was taken."
            )


def is_large_loss(lost: Collection[str], known: Collection[str]) -> bool:
    """Whether more than a tenth of the known keys are missing, which a person should look at."""
    return len(lost) > FEW and len(lost) > LARGEST_LOSS * len(known)


def check_loss(present: Collection[str], known: Collection[str], lost: Collection[str]) -> None:
    """Refuse a file that shrank by more than a tenth, or from which more than two thirds of the known keys have gone.

    A file that is as large as before and lists others is a market that moved: what is missing from it is held instead.
    """
    is_smaller = len(present) < (1 - LARGEST_LOSS) * len(known)
    if is_large_loss(lost, known) and (is_smaller or len(lost) > LARGEST_TURNOVER * len(known)):
        examples = ", ".join(sorted(lost)[:3])
        raise SnapshotRejected(
            f"{len(lost)} of {len(known)} known records are missing ({examples}, …), more than a tenth. "
            "The old values stay. If the feed really dropped them, read it again with --accept-shrunken; if the file "
            "is a part of the feed, with --partial."
        )


def check_jumps(jumps: int, compared: int) -> None:
    """Refuse a file in which many prices jump at once: a change of unit looks like that, a market does not."""
    if jumps > FEW and jumps > LARGEST_SHARE_OF_JUMPS * compared:
        raise SnapshotRejected(
            f"{jumps} of {compared} known prices would change more than {LARGEST_CHANGE}-fold at once. "
            "The unit of the feed may have changed; nothing was taken."
        )


def check_withdrawals(withdrawn: int, current: int) -> None:
    """Refuse a file in which most known prices have no value any more: sellers do not all stop asking for money."""
    if withdrawn > FEW and withdrawn > LARGEST_SHARE_OF_WITHDRAWALS * current:
        raise SnapshotRejected(
            f"{withdrawn} of {current} known prices would become unknown at once. The feed may have changed its "
            "format; nothing was taken. If it really stopped naming them, read it again with --accept-shrunken."
        )


def doubt(value: Decimal | None, *, last: Decimal | None) -> str:
    """Why this price should wait for a person, or an empty text. ``last`` is the value known before, if any."""
    if value is None:
        return ""
    if value > DEAREST:
        return f"{value:f} USD per million tokens is over {DEAREST}; the unit may be wrong."
    if 0 < value < CHEAPEST:
        return f"{value:f} USD per million tokens is under {CHEAPEST}; the unit may be wrong."
    if last is not None and is_jump(value, last=last):
        return f"The price would change from {last.normalize():f} to {value:f}, more than {LARGEST_CHANGE}-fold."
    return ""


def is_jump(value: Decimal, *, last: Decimal) -> bool:
    """More than threefold up or down; from or to zero counts, from zero to zero does not."""
    return value > last * LARGEST_CHANGE or value * LARGEST_CHANGE < last


def dearer_inputs(observations: Sequence[PriceObservation]) -> set[int]:
    """Positions of input and output prices that hold at once and where input is dearer than a paid output."""
    by_condition: dict[tuple[object, ...], dict[str, int]] = {}
    for position, price in enumerate(observations):
        if price.component in {"input", "output"}:
            condition = (
                price.service_class,
                price.min_input_tokens,
                price.utc_from,
                price.utc_to,
                price.weekdays,
                price.effective_from,
                price.effective_to,
            )
            by_condition.setdefault(condition, {})[price.component] = position
    doubtful: set[int] = set()
    for pair in by_condition.values():
        if len(pair) == 2:
            dear, paid = observations[pair["input"]].usd_per_mtok, observations[pair["output"]].usd_per_mtok
            if dear is not None and paid and dear > paid:
                doubtful |= set(pair.values())
    return doubtful
