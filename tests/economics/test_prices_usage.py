"""Usage reports in the shapes that the providers document."""

from typing import Any

import pytest

from economics.errors import InvalidArgument, UnknownDialect
from economics.prices import Usage, normalise_usage


@pytest.mark.parametrize(
    ("dialect", "raw", "expected"),
    [
        pytest.param(
            "openai",
            {
                "prompt_tokens": 1000,
                "completion_tokens": 500,
                "total_tokens": 1500,
                "prompt_tokens_details": {"cached_tokens": 600, "audio_tokens": 0},
                "completion_tokens_details": {"reasoning_tokens": 400},
            },
            Usage(input=400, cached_input=600, output=500, reasoning_of_output=400),
            id="openai chat",
        ),
        pytest.param(
            "openai",
            {
                "input_tokens": 1000,
                "input_tokens_details": {"cached_tokens": 600, "cache_write_tokens": 100},
                "output_tokens": 500,
                "output_tokens_details": {"reasoning_tokens": 0},
            },
            Usage(input=300, cached_input=600, cache_write=100, output=500, reasoning_of_output=0),
            id="openai responses",
        ),
        pytest.param(
            "openai",
            {"prompt_tokens": 10, "completion_tokens": 5, "prompt_tokens_details": None},
            Usage(input=10, output=5),
            id="openai without details",
        ),
        pytest.param(
            "openai",
            {"prompt_tokens": 10, "completion_tokens": 5, "cached_tokens": 4},
            Usage(input=6, cached_input=4, output=5),
            id="cached tokens beside the prompt, as Moonshot reports them",
        ),
        pytest.param(
            "openai",
            {
                "prompt_tokens": 10,
                "completion_tokens": 5,
                "total_tokens": 65,
                "completion_tokens_details": {"reasoning_tokens": 50},
            },
            Usage(input=10, output=55, reasoning_of_output=50),
            id="reasoning beside the completion, as xAI reports it",
        ),
        pytest.param(
            "deepseek",
            {
                "prompt_tokens": 300,
                "completion_tokens": 20,
                "prompt_cache_hit_tokens": 64,
                "prompt_cache_miss_tokens": 236,
                "prompt_tokens_details": {"cached_tokens": 64},
                "completion_tokens_details": {"reasoning_tokens": 5},
            },
            Usage(input=236, cached_input=64, output=20, reasoning_of_output=5),
            id="deepseek",
        ),
        pytest.param(
            "openai",
            {
                "prompt_tokens": 300,
                "completion_tokens": 20,
                "prompt_cache_hit_tokens": 64,
                "prompt_cache_miss_tokens": 236,
            },
            Usage(input=236, cached_input=64, output=20),
            id="deepseek fields in an openai report",
        ),
        pytest.param(
            "deepseek",
            {"prompt_cache_hit_tokens": 64, "prompt_cache_miss_tokens": 236, "completion_tokens": 20},
            Usage(input=236, cached_input=64, output=20),
            id="deepseek without the sum",
        ),
        pytest.param(
            "anthropic",
            {
                "input_tokens": 100,
                "cache_read_input_tokens": 5000,
                "cache_creation_input_tokens": 700,
                "cache_creation": {"ephemeral_5m_input_tokens": 500, "ephemeral_1h_input_tokens": 200},
                "output_tokens": 50,
                "output_tokens_details": {"thinking_tokens": 30},
            },
            Usage(
                input=100,
                cached_input=5000,
                cache_write=700,
                cache_write_1h=200,
                output=50,
                reasoning_of_output=30,
            ),
            id="anthropic",
        ),
        pytest.param(
            "anthropic",
            {
                "input_tokens": 100,
                "output_tokens": 50,
                "cache_creation": {"ephemeral_5m_input_tokens": 5, "ephemeral_1h_input_tokens": 0},
            },
            Usage(input=100, cache_write=5, cache_write_1h=0, output=50),
            id="anthropic with the breakdown only",
        ),
        pytest.param(
            "google",
            {
                "promptTokenCount": 1000,
                "cachedContentTokenCount": 800,
                "candidatesTokenCount": 50,
                "thoughtsTokenCount": 150,
                "totalTokenCount": 1200,
            },
            Usage(input=200, cached_input=800, output=200, reasoning_of_output=150),
            id="google",
        ),
        pytest.param(
            "google",
            {"prompt_token_count": 10, "tool_use_prompt_token_count": 5, "candidates_token_count": 2},
            Usage(input=15, output=2),
            id="google in snake case, with tool results",
        ),
        pytest.param(
            "google",
            {"promptTokenCount": 10, "thoughtsTokenCount": 90, "totalTokenCount": 100},
            Usage(input=10, output=90, reasoning_of_output=90),
            id="google leaves a zero out",
        ),
        pytest.param("google", {"promptTokenCount": 10}, Usage(input=10), id="google without an answer count"),
    ],
)
def test_usage_report(dialect: str, raw: dict[str, Any], expected: Usage) -> None:
    assert normalise_usage(dialect=dialect, raw=raw) == expected


@pytest.mark.parametrize("dialect", ["openai", "deepseek", "anthropic", "google"])
@pytest.mark.parametrize("raw", [None, {}])
def test_no_report_is_unknown_not_zero(dialect: str, raw: dict[str, Any] | None) -> None:
    assert normalise_usage(dialect=dialect, raw=raw) == Usage()


@pytest.mark.parametrize(
    ("dialect", "raw", "named"),
    [
        ("openai", {"prompt_tokens": -1}, "prompt_tokens is -1"),
        ("openai", {"prompt_tokens": 1.5}, "prompt_tokens is 1.5"),
        ("openai", {"prompt_tokens": True}, "prompt_tokens is True"),
        ("openai", {"prompt_tokens": "12"}, "prompt_tokens is '12'"),
        (
            "openai",
            {"prompt_tokens": 10, "prompt_tokens_details": {"cached_tokens": 11}},
            r"prompt_tokens is 10, less than its parts \(cached_tokens 11\)",
        ),
        ("openai", {"prompt_tokens": 10, "prompt_tokens_details": [1]}, r"prompt_tokens_details is \[1\]"),
        (
            "openai",
            {"completion_tokens": 5, "completion_tokens_details": {"reasoning_tokens": 6}},
            "reasoning_of_output is 6, more than output, 5",
        ),
        (
            "deepseek",
            {"prompt_tokens": 10, "prompt_cache_hit_tokens": 4, "prompt_cache_miss_tokens": 7},
            "is 11, but the same report says 10",
        ),
        (
            "deepseek",
            {"prompt_tokens": 10, "prompt_cache_hit_tokens": 4, "prompt_tokens_details": {"cached_tokens": 5}},
            "prompt_cache_hit_tokens is 4, but the same report says 5",
        ),
        (
            "anthropic",
            {
                "cache_creation_input_tokens": 1,
                "cache_creation": {"ephemeral_5m_input_tokens": 1, "ephemeral_1h_input_tokens": 1},
            },
            "cache_creation is 2, but the same report says 1",
        ),
        ("anthropic", {"output_tokens": float("nan")}, "output_tokens is nan"),
        ("google", {"promptTokenCount": 5, "cachedContentTokenCount": 6}, "promptTokenCount is 5, less than its parts"),
        ("google", {"promptTokenCount": 5, "totalTokenCount": 4}, "totalTokenCount is 4, less than its parts"),
        ("openai", [1], r"raw is \[1\]"),
    ],
)
def test_a_report_that_cannot_be_right_is_refused_by_field(dialect: str, raw: Any, named: str) -> None:
    with pytest.raises(InvalidArgument, match=named):
        normalise_usage(dialect=dialect, raw=raw)


def test_an_unknown_dialect_is_named() -> None:
    with pytest.raises(UnknownDialect, match="dialect is 'cohere'; known are anthropic, deepseek, google, openai"):
        normalise_usage(dialect="cohere", raw={})


@pytest.mark.parametrize(
    ("counts", "named"),
    [
        ({"input": -1}, "input is -1"),
        ({"output": 1.5}, "output is 1.5"),
        ({"output": 1, "reasoning_of_output": 2}, "reasoning_of_output is 2"),
        ({"cache_write": 1, "cache_write_1h": 2}, "cache_write_1h is 2"),
    ],
)
def test_usage_refuses_what_cannot_be(counts: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidArgument, match=named):
        Usage(**counts)


def test_prompt_tokens_are_all_that_the_model_read() -> None:
    assert Usage(input=1, cached_input=2, cache_write=4, output=8).prompt_tokens == 7
    assert Usage(input=1).prompt_tokens == 1
    assert Usage(cached_input=2).prompt_tokens is None
