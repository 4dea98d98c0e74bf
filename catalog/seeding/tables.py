"""Which seed file becomes which rows. Files are listed in the order in which they refer to each other."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog import models as m
from catalog.printed_scores import ENTERED, PER_ONE, in_unit
from catalog.seeding.rows import Record, Ref, Row

PRICE_COLUMNS = ("input", "cached_input", "cache_write", "output", "reasoning")
OTHER_PRICE_COLUMNS = tuple(name for name in m.Price.Component.values if name not in PRICE_COLUMNS)
SERVING = {"quantisation": "", "region": "", "speed_class": ""}
FIELD_OF = {  # of columns that are called otherwise than their field
    "source_url": "source",
    "source_note": "note",
    "retrieved_on": "retrieved_at",
    "observed_on": "observed_at",
}
EVIDENCE = ("confidence", "source_url", "source_note")


@dataclass(frozen=True, slots=True)
class Table:
    """A seed file, its columns, and how one row is read.

    A seed file has all ``columns``; one that is imported at least those that are ``needed``.
    """

    file: str
    columns: tuple[str, ...]
    read: Callable[[Row], Iterator[Record]]
    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.file.removesuffix(".csv")

    def unsaid(self, columns: Collection[str]) -> frozenset[str]:
        """Fields that a file with only these columns says nothing about."""
        every = (*self.columns, *self.optional)
        said = {FIELD_OF.get(name, name) for name in every if name in columns}
        return frozenset(FIELD_OF.get(name, name) for name in every) - said


def _source(row: Row) -> Ref:
    return row.required_ref("source_url", m.Source)


def _evidence(row: Row) -> dict[str, Any]:
    return {"confidence": row.one_of("confidence", m.Confidence.values), "note": row.text("source_note")}


def _sources(row: Row) -> Iterator[Record]:
    kind = row.one_of("kind", m.Source.Kind.values)
    values = {
        "publisher": row.required("publisher"),
        "kind": kind,
        "title": row.text("title"),
        "licence": row.text("licence"),
        "attribution": row.text("attribution"),
        "published_on": row.day("published_on"),
        "retrieved_at": row.instant("retrieved_on"),
    }
    # The rank is the editors' to change.
    rank = m.Source.DEFAULT_RANK.get(m.Source.Kind(kind)) if kind in m.Source.Kind.values else None
    yield Record(m.Source, {"url": row.required("url")}, values, {"rank": rank}, row.where)


def _organizations(row: Row) -> Iterator[Record]:
    values = {"name": row.required("name"), "url": row.text("url")}
    yield Record(m.Organization, {"slug": row.required("slug")}, values, where=row.where)


def _models(row: Row) -> Iterator[Record]:
    values = {"name": row.required("name"), "developer": row.required_ref("developer", m.Organization)}
    yield Record(m.Model, {"slug": row.required("slug")}, values, where=row.where)


def _versions(row: Row) -> Iterator[Record]:
    values = {
        "model": row.required_ref("model", m.Model),
        "name": row.required("name"),
        "kind": row.one_of("kind", m.ModelVersion.Kind.values),
        "derived_from": row.ref("derived_from", m.ModelVersion),
        "open_weights": row.flag("open_weights"),
        "announced_on": row.day("announced_on"),
        "api_on": row.day("api_on"),
        "weights_on": row.day("weights_on"),
        "snapshot_on": row.day("snapshot_on"),
        "source": _source(row),
        "note": "; ".join(filter(None, (row.text("note"), row.text("source_note")))),
    }
    yield Record(m.ModelVersion, {"slug": row.required("slug")}, values, where=row.where)


def _claims(row: Row) -> Iterator[Record]:
    attribute = row.one_of("attribute", m.Claim.Attribute.values)
    if attribute not in m.Claim.TEXT_ATTRIBUTES:
        row.decimal("value")
    key = {
        "version": row.required_ref("version", m.ModelVersion),
        "attribute": attribute,
        "qualifier": row.text("qualifier"),
        "source": _source(row),
    }
    values = {
        "value": row.required("value"),
        "unit": row.text("unit"),
        "observed_at": row.instant("observed_on"),
        **_evidence(row),
    }
    yield Record(m.Claim, key, values, where=row.where)


def _offerings(row: Row) -> Iterator[Record]:
    """When a provider ended the sale of a version. What it sells is known from its prices as well."""
    key = {
        "provider": row.required_ref("provider", m.Organization),
        "provider_model_id": row.required("provider_model_id"),
        "version": row.required_ref("version", m.ModelVersion),
    }
    if row.text("retired_on"):
        row.required("source_url")
    values = {
        "retired_on": row.day("retired_on"),
        "source": row.ref("source_url", m.Source),
        "note": row.text("source_note"),
    }
    yield Record(m.Offering, key, values, SERVING, row.where)


def _prices(row: Row) -> Iterator[Record]:
    """One line of a price list: the offering it is for, and a row for each component and window of the day."""
    provider = row.required_ref("provider", m.Organization)
    version = row.required_ref("version", m.ModelVersion)
    model_id = row.required("provider_model_id")
    offering = {"provider": provider, "provider_model_id": model_id, "version": version}
    yield Record(m.Offering, offering, {}, SERVING, row.where)

    effective_from, effective_to = row.instant("effective_from"), row.instant("effective_to")
    if effective_from and effective_to and effective_to <= effective_from:
        row.complain("effective_to", "the price ends before it begins. Correct one of the two moments.")
    if set(row.text("weekdays")) - set("1234567"):
        row.complain("weekdays", f"{row.text('weekdays')!r} is not a list of days. Write 12345 for Monday to Friday.")
    usd = {component: row.decimal(component) for component in (*PRICE_COLUMNS, *OTHER_PRICE_COLUMNS)}
    if all(value is None for value in usd.values()):
        row.complain(PRICE_COLUMNS[0], "the line has no price at all. Give one, or delete the line.")
    key = {
        "offering": Ref(m.Offering, (*provider.key, model_id, *version.key)),
        "source": _source(row),
        "service_class": row.one_of("service_class", m.Price.ServiceClass.values, default="standard"),
        "min_input_tokens": row.integer("min_input_tokens") or 0,
        "weekdays": row.text("weekdays"),
        "effective_from": effective_from,
        "observed_from": row.instant("observed_from"),
    }
    values = {
        "effective_to": effective_to,
        "last_seen": row.instant("last_seen"),
        "announced": bool(row.flag("announced")),
        **_evidence(row),
    }
    for component, value in usd.items():
        if value is None:
            continue
        for opens, closes in row.windows("utc_windows"):
            yield Record(
                m.Price,
                key | {"component": component, "utc_from": opens},
                values | {"usd_per_mtok": value, "utc_to": closes},
                where=row.where,
            )


def _benchmarks(row: Row) -> Iterator[Record]:
    values = {
        "name": row.required("name"),
        "variant": row.text("variant"),
        "metric": row.text("metric"),
        "unit": row.one_of("unit", m.Benchmark.Unit.values),
        "chance": row.real("chance"),
        "ceiling": row.real("ceiling"),
        "in_index": bool(row.flag("in_index")),
        "description": row.text("description"),
    }
    yield Record(m.Benchmark, {"slug": row.required("slug")}, values, where=row.where)


def _scores(row: Row) -> Iterator[Record]:
    unit = row.one_of("unit", ENTERED)
    scale = PER_ONE.get(unit, Decimal(1))
    value, error = row.decimal("value"), row.decimal("standard_error")
    if not row.text("value"):
        row.complain("value", "the cell is empty. A score without a value is no fact: delete the line.")
    if value is not None and unit != "points" and value > scale:
        row.complain("value", f"{value} is more than everything right. Check the value and its unit.")
    key = {
        "version": row.required_ref("version", m.ModelVersion),
        "benchmark": row.required_ref("benchmark", m.Benchmark),
        "effort": row.text("effort"),
        "shots": row.text("shots"),
        "harness": row.text("harness"),
        "configuration": row.text("configuration"),
        "measured_by": row.ref("measured_by", m.Organization),
        "measured_on": row.day("measured_on"),
        "source": _source(row),
    }
    values = {
        "value": None if value is None else in_unit(value, scale),
        "original_value": row.text("value"),
        "original_unit": unit,
        "standard_error": None if error is None else in_unit(error, scale),
        "n": row.integer("n"),
        "self_reported": row.flag("self_reported"),
        **_evidence(row),
    }
    yield Record(m.Score, key, values, where=row.where)


def _hardware(row: Row) -> Iterator[Record]:
    values = {
        "name": row.required("name"),
        "vendor": row.text("vendor"),
        "released_on": row.day("released_on"),
        "peak_bf16_flop_per_s": row.real("peak_bf16_flop_per_s"),
        "peak_fp8_flop_per_s": row.real("peak_fp8_flop_per_s"),
        "memory_bytes": row.integer("memory_bytes"),
        "tdp_w": row.real("tdp_w"),
        "source": _source(row),
        "note": row.text("source_note"),
    }
    yield Record(m.Hardware, {"slug": row.required("slug")}, values, where=row.where)


def _hardware_prices(row: Row) -> Iterator[Record]:
    key = {
        "hardware": row.required_ref("hardware", m.Hardware),
        "provider": row.required("provider"),
        "terms": row.one_of("terms", m.HardwarePrice.Terms.values),
        "quoted_on": row.day("quoted_on"),
        "source": _source(row),
        "note": row.text("source_note"),
        "usd_per_gpu_hour": row.decimal("usd_per_gpu_hour"),  # one page lists several rents for a card
    }
    if not row.text("usd_per_gpu_hour"):
        row.complain("usd_per_gpu_hour", "the cell is empty. A rent without a price is no fact: delete the line.")
    yield Record(m.HardwarePrice, key, {}, where=row.where)


def _reference_prices(row: Row) -> Iterator[Record]:
    kind = row.one_of("kind", m.ReferencePrice.Kind.values)
    if kind == m.ReferencePrice.Kind.SERVER:
        row.required("hardware")
    row.required("usd")
    key = {
        "kind": kind,
        "hardware": row.ref("hardware", m.Hardware),
        "what": row.required("what"),
        "quoted_on": row.day("quoted_on"),
        "source": _source(row),
    }
    yield Record(m.ReferencePrice, key, {"usd": row.decimal("usd"), "note": row.text("source_note")}, where=row.where)


def _training_runs(row: Row) -> Iterator[Record]:
    values = {
        "scope": row.required("scope"),
        "tokens": row.real("tokens"),
        "flop_per_token": row.real("flop_per_token"),
        "source": _source(row),
    }
    yield Record(m.TrainingRun, {"version": row.required_ref("version", m.ModelVersion)}, values, where=row.where)


def _training_phases(row: Row) -> Iterator[Record]:
    key = {"run": Ref(m.TrainingRun, (row.required("version"),)), "name": row.required("name")}
    values = {
        "position": row.integer("position") or 0,
        "gpu_hours": row.real("gpu_hours"),
        "hardware": row.ref("hardware", m.Hardware),
        "gpus": row.integer("gpus"),
        "tokens": row.real("tokens"),
        "precision": row.text("precision"),
        "published_cost_usd": row.decimal("published_cost_usd"),
        "cost_basis": row.text("cost_basis"),
        "is_estimate": bool(row.flag("is_estimate")),
        "source": _source(row),
        **_evidence(row),
    }
    yield Record(m.TrainingPhase, key, values, where=row.where)


def _aliases(row: Row) -> Iterator[Record]:
    target = row.one_of("target", m.Alias.Target.values, default=m.Alias.Target.VERSION)
    if target == m.Alias.Target.VERSION:
        row.required("version")
    elif row.text("version"):
        row.complain("version", "a name that does not mean a version cannot have one. Empty the cell.")
    valid_from, valid_to = row.instant("valid_from"), row.instant("valid_to")
    if valid_from and valid_to and valid_to <= valid_from:
        row.complain("valid_to", "the period ends before it begins. Correct one of the two moments.")
    key = {
        "namespace": row.required("namespace"),
        "raw_name": row.required("raw_name"),
        "valid_from": valid_from,
    }
    values = {
        "target": target,
        "version": row.ref("version", m.ModelVersion),
        "valid_to": valid_to,
        "evidence": row.required("evidence"),
        "status": m.Alias.Status.ACCEPTED,
        "decided_by": "seed",
    }
    yield Record(m.Alias, key, values, where=row.where)


TABLES = (
    Table(
        "sources.csv",
        ("url", "publisher", "kind", "title", "licence", "attribution", "retrieved_on"),
        _sources,
        ("url", "publisher", "kind"),
        ("published_on",),
    ),
    Table("organizations.csv", ("slug", "name", "url"), _organizations, ("slug", "name")),
    Table("models.csv", ("slug", "name", "developer"), _models, ("slug", "name", "developer")),
    Table(
        "versions.csv",
        (
            *("slug", "model", "name", "kind", "derived_from", "open_weights"),
            *("announced_on", "api_on", "weights_on", "snapshot_on", "note", "source_url", "source_note"),
        ),
        _versions,
        ("slug", "model", "name", "kind", "source_url"),
    ),
    Table(
        "claims.csv",
        ("version", "attribute", "value", "unit", "qualifier", "observed_on", *EVIDENCE),
        _claims,
        ("version", "attribute", "value", "confidence", "source_url"),
    ),
    Table(
        "offerings.csv",
        ("provider", "provider_model_id", "version", "retired_on", "source_url", "source_note"),
        _offerings,
        ("provider", "provider_model_id", "version"),
    ),
    Table(
        "prices.csv",
        (
            *("provider", "provider_model_id", "version", "service_class", "min_input_tokens", "utc_windows"),
            *("weekdays", "effective_from", "effective_to", "observed_from", "last_seen", "announced"),
            *PRICE_COLUMNS,
            *EVIDENCE,
        ),
        _prices,
        ("provider", "provider_model_id", "version", "confidence", "source_url"),
        OTHER_PRICE_COLUMNS,
    ),
    Table(
        "benchmarks.csv",
        ("slug", "name", "variant", "metric", "unit", "chance", "ceiling", "in_index", "description"),
        _benchmarks,
        ("slug", "name", "unit"),
    ),
    Table(
        "scores.csv",
        (
            *("version", "benchmark", "value", "unit", "standard_error", "n", "effort", "shots", "harness"),
            *("configuration", "measured_by", "self_reported", "measured_on"),
            *EVIDENCE,
        ),
        _scores,
        ("version", "benchmark", "value", "unit", "confidence", "source_url"),
    ),
    Table(
        "hardware.csv",
        (
            *("slug", "name", "vendor", "released_on", "peak_bf16_flop_per_s", "peak_fp8_flop_per_s"),
            *("memory_bytes", "tdp_w", "source_url", "source_note"),
        ),
        _hardware,
        ("slug", "name", "source_url"),
    ),
    Table(
        "hardware_prices.csv",
        ("hardware", "provider", "usd_per_gpu_hour", "terms", "quoted_on", "source_url", "source_note"),
        _hardware_prices,
        ("hardware", "provider", "usd_per_gpu_hour", "terms", "source_url"),
    ),
    Table(
        "reference_prices.csv",
        ("kind", "hardware", "what", "usd", "quoted_on", "source_url", "source_note"),
        _reference_prices,
        ("kind", "what", "usd", "source_url"),
    ),
    Table(
        "training_runs.csv",
        ("version", "scope", "tokens", "flop_per_token", "source_url"),
        _training_runs,
        ("version", "scope", "source_url"),
    ),
    Table(
        "training_phases.csv",
        (
            *("version", "position", "name", "gpu_hours", "hardware", "gpus", "tokens", "precision"),
            *("published_cost_usd", "cost_basis", "is_estimate"),
            *EVIDENCE,
        ),
        _training_phases,
        ("version", "name", "confidence", "source_url"),
    ),
    Table(
        "aliases.csv",
        ("namespace", "raw_name", "target", "version", "valid_from", "valid_to", "evidence"),
        _aliases,
        ("namespace", "raw_name", "evidence"),
    ),
)
