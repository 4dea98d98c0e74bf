"""Settings at the end of the names of a board."""

import pytest

from ingest.adapters.setting_names import setting_named


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("claude-opus-4-5-20251101-thinking-64k-high-effort", "thinking-64k-high-effort"),
        ("claude-sonnet-4-6-thinking-auto-low-effort", "thinking-auto-low-effort"),
        ("claude-opus-4-7-xhigh-effort", "xhigh-effort"),
        ("claude-3-7-sonnet-20250219-base", "base"),
        ("Claude 3.7 Sonnet (thinking-32k)", "thinking-32k"),
        ("gemini-2.5-flash-lite-highthinking", "highthinking"),
        ("gpt-5.1-2025-11-13-nothinking", "nothinking"),
        ("gpt-5.4-nano-xhigh", "xhigh"),
        ("Grok-3-mini-high", "high"),
        ("grok-4-fast-reasoning-2511", "reasoning"),
        ("grok-4-fast-non-reasoning-2511", "non-reasoning"),
        ("Qwen3-235B-A22B-no-thinking", "no-thinking"),
        ("mistral-medium", ""),
        ("Magistral Medium", ""),
        ("qwen3-max", ""),
        ("gpt-4o-2024-08-06", ""),
        ("deepseek-v3.2", ""),
    ],
)
def test_setting_of_a_name(name: str, setting: str) -> None:
    assert setting_named(name) == setting
