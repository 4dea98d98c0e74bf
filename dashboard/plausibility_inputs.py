"""What the verdict on a training run rests on, as the reader may change it in the address."""

from collections.abc import Mapping
from decimal import Decimal

from dashboard.errors import BadParameter
from dashboard.ledger import USUAL, PlausibilityAssumptions
from dashboard.query import parse_amount

LOW, HIGH = (Decimal(repr(share)) * 100 for share in USUAL.utilisation)
TERA = Decimal(10) ** 12
# Name, label, default in words, least and greatest value. Percent of the peak, and 10^12 operations a second.
FIELDS = (
    ("peak_tflop", "Peak of one chip, TFLOP/s (empty: its BF16 peak)", "", Decimal(1), Decimal(1_000_000)),
    ("utilisation_low", "Least utilisation, % of the peak", f"{LOW:.0f}", Decimal("0.1"), Decimal(100)),
    ("utilisation_high", "Greatest utilisation, %", f"{HIGH:.0f}", Decimal("0.1"), Decimal(100)),
)

Field = tuple[str, str, str, Decimal, Decimal]


def parse_inputs(values: Mapping[str, str]) -> tuple[PlausibilityAssumptions, list[Field], list[BadParameter]]:
    """The assumptions, the form's fields as they now stand, and an error for each value that could not be read."""
    read: dict[str, Decimal | None] = {}
    errors = []
    for name, _, default, least, most in FIELDS:
        text = values.get(name, "").strip() or default
        try:
            read[name] = parse_amount(name, text, least=least, most=most, example=default or "989") if text else None
        except BadParameter as error:
            read[name] = Decimal(default) if default else None
            errors.append(error)
    low, high = read["utilisation_low"] or LOW, read["utilisation_high"] or HIGH
    if low >= high:
        errors.append(
            BadParameter(
                "utilisation_low",
                f"utilisation_low is {low:f} and utilisation_high is {high:f}: the first must be the smaller.",
            )
        )
        low, high = LOW, HIGH
    read |= {"utilisation_low": low, "utilisation_high": high}
    fields = [(name, label, _text(read[name]), least, most) for name, label, _, least, most in FIELDS]
    peak = read["peak_tflop"]
    return (
        PlausibilityAssumptions(
            peak_flop_per_s=None if peak is None else float(peak * TERA),
            utilisation=(float(low / 100), float(high / 100)),
        ),
        fields,
        errors,
    )


def _text(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"


def parameters(assumed: PlausibilityAssumptions) -> dict[str, str]:
    """The query string's part, defaults left out."""
    low, high = (_text(Decimal(repr(share)) * 100) for share in assumed.utilisation)
    peak = assumed.peak_flop_per_s
    values = {
        "peak_tflop": "" if peak is None else _text(Decimal(repr(peak)) / TERA),
        "utilisation_low": "" if low == f"{LOW:.0f}" else low,
        "utilisation_high": "" if high == f"{HIGH:.0f}" else high,
    }
    return {name: value for name, value in values.items() if value}
