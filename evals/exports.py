"""A run as files that other tools read: CSV, JSON lines, and a log in the shape of Inspect's."""

import csv
import io
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from catalog.spreadsheets import guarded
from evals.models import Attempt, Run, RunSample
from evals.selectors import run_samples, run_summary

TOKENS = ("input_tokens", "cached_input_tokens", "cache_write_tokens", "output_tokens")
COLUMNS = (
    *("run", "suite", "endpoint", "key", "category", "repeat", "state", "outcome", "answer", "explanation"),
    *("truncated", "refused", "scorer", "calls", "calls_without_usage", *TOKENS),
    *("cost_usd", "latency_ms", "time_to_first_token_ms", "finished_at", "prompt", "target", "reply"),
)


def sample_rows(run: Run) -> Iterator[dict[str, Any]]:
    """One row per sample: its judgement, tokens and cost of all its calls, and the times of the call that answered.

    Tokens are of the calls that reported them; ``calls_without_usage`` counts the others. The cost is None where that
    of some call is unknown. Unknown is None.
    """
    for sample in run_samples(run):
        calls = list(sample.attempts.all())
        last = next((call for call in reversed(calls) if call.state == Attempt.State.ANSWERED), None)
        yield {
            "run": str(run.pk),
            "suite": run.suite.slug,
            "endpoint": run.endpoint.slug,
            "key": sample.sample.key,
            "category": sample.sample.category,
            "repeat": sample.repeat,
            "state": sample.state,
            "outcome": sample.outcome or None,
            "answer": sample.answer,
            "explanation": sample.explanation,
            "truncated": sample.truncated,
            "refused": sample.refused,
            "scorer": sample.scorer_version,
            "calls": sample.attempts_made,
            "calls_without_usage": sum(call.input_tokens is None for call in calls),
            **{name: _tokens(calls, name) for name in TOKENS},
            "cost_usd": _cost(calls),
            "latency_ms": last.latency_ms if last else None,
            "time_to_first_token_ms": last.time_to_first_token_ms if last else None,
            "finished_at": sample.finished_at.isoformat() if sample.finished_at else None,
            "prompt": sample.sample.prompt,
            "target": sample.sample.target,
            "reply": last.text if last else None,
        }


def csv_text(run: Run) -> str:
    """The rows as CSV, every cell quoted, texts kept from being read as formulas."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in sample_rows(run):
        writer.writerow([_cell(row[name]) for name in COLUMNS])
    return out.getvalue()


def jsonl_lines(run: Run) -> Iterator[str]:
    """One JSON object per sample, with every call: request, raw reply, raw usage, cost."""
    calls: dict[str, list[Attempt]] = {}
    for sample in run_samples(run):
        calls[f"{sample.sample.key}/{sample.repeat}"] = list(sample.attempts.all())
    for row in sample_rows(run):
        attempts = [
            {
                "n": call.n,
                "state": call.state,
                "request": call.request,
                "reply": call.reply,
                "raw_usage": call.raw_usage,
                "error_code": call.error_code,
                "error_message": call.error_message,
                **{name: getattr(call, name) for name in TOKENS},
                "cost_usd": call.cost_usd,
                "booked_usd": call.booked_usd,
                "started_at": call.started_at.isoformat(),
                "latency_ms": call.latency_ms,
            }
            for call in calls[f"{row['key']}/{row['repeat']}"]
        ]
        yield json.dumps(row | {"attempts": attempts}, default=_plain, ensure_ascii=False)


def _inspect_status(run: Run) -> str:
    """In Inspect's words. A run that was stopped on purpose is cancelled there, one under way has started."""
    if run.state == Run.State.FINISHED:
        return "success"
    if run.state in Run.OPEN_STATES:
        return "started"
    return "cancelled" if run.state in (Run.State.CANCELLED, Run.State.DECIDED) else "error"


def inspect_log(run: Run) -> dict[str, Any]:
    """The run in the shape of an Inspect AI log (JSON, version 2), for people who have tools for those.

    Samples without a judgement have no score there, as Inspect keeps unscored samples.
    """
    summary = run_summary(run)
    model = f"{run.endpoint.dialect}/{run.endpoint.model_id}"
    created = run.created_at.isoformat()
    metrics: dict[str, Any] = {}
    if summary.pass_rate is not None:
        metrics["accuracy"] = {"name": "accuracy", "value": summary.pass_rate, "params": {}}
    return {
        "version": 2,
        "status": _inspect_status(run),
        "eval": {
            "eval_id": str(run.pk),
            "run_id": str(run.pk),
            "task_id": run.suite.slug,
            "created": created,
            "task": run.suite.slug,
            "task_version": 0,
            "model": model,
            "model_base_url": run.endpoint.base_url,
            "dataset": {"name": run.suite.slug, "samples": summary.n_planned // run.repeats, "shuffled": True},
            "config": {"epochs": run.repeats},
            "metadata": {"content_hash": run.suite.content_hash, "prices": run.prices},
        },
        "plan": {
            "name": "plan",
            "steps": [{"solver": "generate", "params": {}}],
            "config": {"temperature": run.temperature, "max_tokens": run.max_output_tokens, "seed": run.seed},
        },
        "results": {
            "total_samples": summary.n_planned,
            "completed_samples": summary.n_scored,
            "scores": [{"name": "suite", "scorer": "suite", "params": {}, "metrics": metrics}],
        },
        "stats": {
            "started_at": run.started_at.isoformat() if run.started_at else created,
            "completed_at": run.finished_at.isoformat() if run.finished_at else created,
            # Inspect's counts are numbers; what is not known is left out, since 0 would be a claim.
            "model_usage": {}
            if summary.input_tokens is None or summary.output_tokens is None
            else {
                model: {
                    "input_tokens": summary.input_tokens,
                    "output_tokens": summary.output_tokens,
                    "total_tokens": summary.input_tokens + summary.output_tokens,
                }
            },
        },
        "samples": [_inspect_sample(sample, model) for sample in run_samples(run)],
    }


def _inspect_sample(sample: RunSample, model: str) -> dict[str, Any]:
    last = next((call for call in reversed(list(sample.attempts.all())) if call.text), None)
    target = sample.sample.target
    scores = {}
    if sample.outcome in {RunSample.Outcome.CORRECT, RunSample.Outcome.INCORRECT}:
        value = "C" if sample.outcome == RunSample.Outcome.CORRECT else "I"
        scores["suite"] = {"value": value, "answer": sample.answer, "explanation": sample.explanation}
    reply = {"role": "assistant", "content": last.text if last else "", "model": model}
    return {
        "id": sample.sample.key,
        "epoch": sample.repeat + 1,
        "input": sample.sample.prompt,
        "target": target if isinstance(target, str) else json.dumps(target),
        "messages": [{"role": "user", "content": sample.sample.prompt}, reply],
        "output": {
            "model": (last.reply_model if last else "") or model,
            "choices": [{"message": reply, "stop_reason": "max_tokens" if sample.truncated else "stop"}],
        },
        "scores": scores,
        "metadata": {"category": sample.sample.category, "state": sample.state},
    }


def _tokens(calls: list[Attempt], name: str) -> int | None:
    known = [count for call in calls if (count := getattr(call, name)) is not None]
    return sum(known) if known else None


def _cost(calls: list[Attempt]) -> Decimal | None:
    costs = [call.cost_usd for call in calls]
    return None if None in costs or not costs else sum((cost for cost in costs if cost is not None), Decimal(0))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return guarded(text)


def _plain(value: Any) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
