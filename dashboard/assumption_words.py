"""Choices that are not the default, in words: for pictures and frames, which leave their page without its form."""

from collections.abc import Sequence

from dashboard.frontier_words import SCORE_POLICIES
from dashboard.query import Mix

# By parameter and value; empty where it changes no number, or where every note says it.
OF_VALUE = {
    ("access", "open"): "open weights only",
    ("access", "api"): "closed weights only",
    ("price_policy", "cheapest"): "price of the cheapest provider",
    ("price_policy", "median"): "price of the median provider",
    ("variants", "all"): "every reasoning effort",
    ("older", "show"): "with superseded and withdrawn models",
    ("cost", "measured"): "",
    **{("policy", name): f"scores: {words}" for name, words in SCORE_POLICIES},
}
# By parameter, around the value.
OF_NAME = {
    **dict.fromkeys(("as_of", "intervals", "labels", "unknown"), ""),
    "hide": "without {}",
    "usd_per_gpu_hour": "${} per GPU-hour",
    "server_price": "${} per chip with its share of the server",
    "usd_per_kwh": "${} per kWh",
    "owned_years": "chips owned {} years before",
    "peak_tflop": "peak of {} TFLOP/s",
    "utilisation_low": "utilisation from {}%",
    "utilisation_high": "utilisation to {}%",
    "utilisation_percent": "utilisation {}%",
    "budget": "budget of ${}",
    "q": "with “{}”",
}


def assumption_words(parameters: Sequence[tuple[str, str]], said: str) -> list[str]:
    """["open weights only", "mix 1 input : 1 output"]; what the line ``said`` has in it already is left out."""
    values: dict[str, str] = {}
    for name, value in parameters:
        values[name] = f"{values[name]},{value}" if name in values else value
    found = [_words(name, value) for name, value in values.items()]
    return [words for words, core in found if words and _plain(core) not in _plain(said)]


def _words(name: str, value: str) -> tuple[str, str]:
    """The words, and the part of them that another line may have said."""
    if (name, value) in OF_VALUE:
        return OF_VALUE[name, value], OF_VALUE[name, value]
    if name == "mix":
        value = Mix.parse(value).words
    if name == "capability":
        value = value.rpartition(":")[2]
    words = OF_NAME.get(name, f"{name.replace('_', ' ')} {{}}").format(value.replace(",", ", "))
    return words, value if name in ("mix", "capability") else words


def _plain(text: str) -> str:
    return text.lower().replace("-", " ")
