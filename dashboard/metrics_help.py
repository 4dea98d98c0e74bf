"""What each metric says, in one place: meaning, range, source and known weakness, for the "i" beside its name."""

from dataclasses import dataclass

MOST_WORDS = 60


@dataclass(frozen=True, slots=True)
class MetricHelp:
    """At most :data:`MOST_WORDS` words, and the anchor of the section of ``/method/`` with the formula."""

    name: str
    text: str
    anchor: str


METRICS: dict[str, MetricHelp] = {
    "capability_index": MetricHelp(
        "Capability index",
        "One number for how capable a version is, fitted to all its benchmark scores. Range: open; differences "
        "count, not zero. Source: published scores, each linked on the model's page. Weakness: rests on the "
        "benchmarks that somebody ran; leaked or self-reported scores lift it, and few scores make its interval "
        "wide.",
        "index",
    ),
    "benchmark_score": MetricHelp(
        "Benchmark score",
        "Share of a benchmark's tasks solved. Range: chance (not always 0) to 100%. Source: whoever measured it, "
        "linked beside the score. Weakness: prompts, shots and effort differ between measurers, questions may have "
        "leaked into training, and results stated by developers themselves run high.",
        "normalised-score",
    ),
    "blended_price": MetricHelp(
        "Blended price",
        "US dollars per million tokens for your mix of input, cached input and output. Range: 0 (free) upwards. "
        "Source: list prices in force on the day. Weakness: models use different numbers of tokens for the same "
        "task, so the cheaper token is not always the cheaper answer.",
        "blended-price",
    ),
    "price_premium": MetricHelp(
        "Over frontier",
        "Price divided by that of the cheapest model at least as capable. Range: 1× (nothing cheaper is as good) "
        "upwards. Source: computed from the prices and capabilities shown. Weakness: a small error in capability "
        "can change which model sets it.",
        "price-premium",
    ),
    "frontier_probability": MetricHelp(
        "Chance on frontier",
        "How often no cheaper model is at least as capable when the scores are drawn again. Range: 0 to 100%. "
        "Source: resamples of the capability index. Weakness: prices count as exact, and errors that all scores "
        "share are not in it.",
        "probability-of-being-on-the-frontier",
    ),
    "price_of_capability": MetricHelp(
        "Price of capability",
        "The lowest price at which a level of capability could be bought. Range: above 0, in US dollars per million "
        "tokens. Source: list prices by date, with the scores of today. Weakness: a record low is a minimum; it may "
        "rest on one offer or one lucky score.",
        "price-of-capability",
    ),
    "price_trend": MetricHelp(
        "Fall per year",
        "By what factor the price of one level falls in a year. Range: 1× is no change; more is a faster fall. "
        "Source: a line through record-low prices. Weakness: few points, each a minimum, so its interval is too "
        "narrow. Fewer than five points give words only.",
        "factor-per-year",
    ),
    "routing_cost": MetricHelp(
        "Mix of two models",
        "The cheapest expected cost of a share of solved tasks when requests are split between models at random. "
        "Range: 0 upwards, in US dollars. Source: prices and scores shown. Weakness: a router that knows which task "
        "is hard does better; one that guesses does worse.",
        "convex-frontier",
    ),
    "rental_cost": MetricHelp(
        "Training cost",
        "GPU-hours of the final run times a rent per hour. Range: 0 upwards, in US dollars. Source: hours stated by "
        "the developer or estimated, and a rent that you set. Weakness: leaves out research, failed runs, data, "
        "staff and owning the cluster.",
        "rental-cost",
    ),
    "hours_per_trillion": MetricHelp(
        "Hours per trillion tokens",
        "GPU-hours spent on a trillion training tokens. Range: above 0. Source: the developer's figures for hours "
        "and tokens. Weakness: hours on different chips are not the same work, and a larger model needs more of "
        "them.",
        "hours-per-trillion-tokens-days-ratio-of-two-runs",
    ),
    "plausibility": MetricHelp(
        "Plausibility",
        "Whether the stated GPU-hours suffice for the computation that parameters and tokens imply. Range: 0 to "
        "100%, or words. Source: stated figures and what such clusters usually reach. Weakness: depends on the "
        "assumed spread of utilisation; plausible is not proven.",
        "plausibility",
    ),
    "pass_rate": MetricHelp(
        "Pass rate",
        "Share of scored answers that were right. Range: 0 to 100%; guessing may give more than 0. Source: our own "
        "run, every prompt and answer on its page. Weakness: few questions make a wide interval, and failed calls "
        "are left out rather than counted as wrong.",
        "rate",
    ),
    "cost_of_pass": MetricHelp(
        "US$ per correct answer",
        "Expected spending until one answer is right: cost per answer divided by the pass rate. Range: 0 to "
        "infinite. Source: tokens reported by the endpoint times its prices, or machine rent. Weakness: assumes a "
        "wrong answer is noticed and free to retry; true only of checkable tasks.",
        "cost-of-pass",
    ),
    "paired_difference": MetricHelp(
        "Is the difference real?",
        "Difference of two endpoints over the items both answered. Range: −100 to +100 points. Source: both runs, "
        "item by item. Weakness: speaks for items like these only; many comparisons find differences by chance, "
        "which the corrected p-value allows for.",
        "paired-difference",
    ),
    "item_difficulty": MetricHelp(
        "Difficulty",
        "Share of all scored answers to an item, over every run here, that were wrong. Range: 0% (all got it) to "
        "100%. Source: our own runs. Weakness: depends on which endpoints were run; with few runs it says little, "
        "and 100% may be a faulty item.",
        "rate",
    ),
}
