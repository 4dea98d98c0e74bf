"""Token counts of one request, and the four ways in which providers report them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from economics._checks import count
from economics.errors import InvalidArgument, UnknownDialect

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one request, each token counted once (``reasoning_of_output`` and ``cache_write_1h`` are parts).

    input                uncached input tokens, paid at the input price
    cached_input         input tokens read from the provider's cache
    cache_write          input tokens written to the cache
    output               all output tokens, **reasoning included**
    reasoning_of_output  the part of ``output`` that was reasoning: shown, never added
    cache_write_1h       the part of ``cache_write`` that lives an hour and is priced apart (Anthropic)

    None means that the report does not say. ``cached_input`` or ``cache_write`` None: not told apart, so such tokens,
    if there were any, are inside ``input``.
    """

    input: int | None = None
    cached_input: int | None = None
    cache_write: int | None = None
    output: int | None = None
    reasoning_of_output: int | None = None
    cache_write_1h: int | None = None

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, count(value, name=name))
        _part_of("reasoning_of_output", self.reasoning_of_output, "output", self.output)
        _part_of("cache_write_1h", self.cache_write_1h, "cache_write", self.cache_write)

    @property
    def prompt_tokens(self) -> int | None:
        """Everything the model read: uncached, cached and written to the cache. It decides the context tier."""
        if self.input is None:
            return None
        return self.input + (self.cached_input or 0) + (self.cache_write or 0)


def normalise_usage(*, dialect: str, raw: Raw | None) -> Usage:
    """Read a provider's usage report into a :class:`Usage`. Pure; keep the raw report beside it.

    ``openai``     prompt_tokens (or input_tokens of the Responses API) *includes* cached and cache-write tokens;
                   completion_tokens includes reasoning, except where total_tokens shows that it is counted beside (as
                   some compatible servers do). DeepSeek's fields in such a report are read too.
    ``deepseek``   prompt_tokens = prompt_cache_hit_tokens + prompt_cache_miss_tokens.
    ``anthropic``  input_tokens *excludes* cache_read_input_tokens and cache_creation_input_tokens.
    ``google``     promptTokenCount includes cachedContentTokenCount; candidatesTokenCount excludes thoughtsTokenCount.
                   Snake case is read as well.

    A count that is absent or null gives None, never 0. ``raw`` None (no report at all) gives a Usage of Nones.
    :raises UnknownDialect: for any other dialect.
    :raises InvalidArgument: for counts that cannot be right, naming the field: negative, fractional, a bool, more
        cached tokens than prompt tokens, parts that do not add up.
    """
    try:
        read = _DIALECTS[dialect]
    except (KeyError, TypeError):
        raise UnknownDialect(f"dialect is {dialect!r}; known are {', '.join(sorted(_DIALECTS))}.") from None
    if raw is None:
        return Usage()
    if not isinstance(raw, Mapping):
        raise InvalidArgument(f"raw is {raw!r}; give the usage report as a mapping.")
    return read(raw)


def _openai(raw: Raw) -> Usage:
    prompt = _first(raw, "prompt_tokens", "input_tokens")
    output = _first(raw, "completion_tokens", "output_tokens")
    prompt_details = _section(raw, "prompt_tokens_details", "input_tokens_details")
    output_details = _section(raw, "completion_tokens_details", "output_tokens_details")
    hit, miss = _first(raw, "prompt_cache_hit_tokens"), _first(raw, "prompt_cache_miss_tokens")
    # Most servers put the cached count into the details; Moonshot puts it beside prompt_tokens.
    cached = _agreed("cached_tokens", _first(prompt_details, "cached_tokens"), _first(raw, "cached_tokens"))
    cached = _agreed("prompt_cache_hit_tokens", cached, hit)
    write = _first(prompt_details, "cache_write_tokens")
    if cached is not None and miss is not None:
        prompt = _agreed("cached tokens + prompt_cache_miss_tokens", prompt, cached + miss)
    reasoning = _first(output_details, "reasoning_tokens")
    total = _first(raw, "total_tokens")
    counts = (prompt, output, reasoning)
    if reasoning and total is not None and None not in counts and total == sum(c for c in counts if c is not None):
        # xAI counts reasoning beside completion_tokens; the total gives it away.
        output = (output or 0) + reasoning
    return Usage(
        input=_remainder("prompt_tokens", prompt, cached_tokens=cached, cache_write_tokens=write),
        cached_input=cached,
        cache_write=write,
        output=output,
        reasoning_of_output=reasoning,
    )


def _anthropic(raw: Raw) -> Usage:
    lifetimes = _section(raw, "cache_creation")
    short, long = _first(lifetimes, "ephemeral_5m_input_tokens"), _first(lifetimes, "ephemeral_1h_input_tokens")
    write = _first(raw, "cache_creation_input_tokens")
    if short is not None and long is not None:
        write = _agreed("cache_creation", write, short + long)
    return Usage(
        input=_first(raw, "input_tokens"),
        cached_input=_first(raw, "cache_read_input_tokens"),
        cache_write=write,
        output=_first(raw, "output_tokens"),
        reasoning_of_output=_first(_section(raw, "output_tokens_details"), "thinking_tokens"),
        cache_write_1h=long,
    )


def _google(raw: Raw) -> Usage:
    prompt = _first(raw, "promptTokenCount", "prompt_token_count")
    cached = _first(raw, "cachedContentTokenCount", "cached_content_token_count")
    tool = _first(raw, "toolUsePromptTokenCount", "tool_use_prompt_token_count")
    answer = _first(raw, "candidatesTokenCount", "candidates_token_count")
    thoughts = _first(raw, "thoughtsTokenCount", "thoughts_token_count")
    total = _first(raw, "totalTokenCount", "total_token_count")
    if answer is None and total is not None and prompt is not None:
        # Google leaves zeros out of its JSON: with the total known, a missing answer count is not unknown.
        answer = _remainder("totalTokenCount", total, promptTokenCount=prompt, thoughts=thoughts, tool=tool)
    uncached = _remainder("promptTokenCount", prompt, cachedContentTokenCount=cached)
    return Usage(
        input=None if uncached is None else uncached + (tool or 0),  # results of tools are read beside the prompt
        cached_input=cached,
        output=None if answer is None else answer + (thoughts or 0),
        reasoning_of_output=thoughts,
    )


_DIALECTS: dict[str, Callable[[Raw], Usage]] = {
    "openai": _openai,
    "deepseek": _openai,  # one reader: a DeepSeek endpoint is an OpenAI endpoint with two more fields
    "anthropic": _anthropic,
    "google": _google,
}


def _first(raw: Raw, *names: str) -> int | None:
    """The first of the named counts that the report states."""
    for name in names:
        if raw.get(name) is not None:
            return count(raw[name], name=name)
    return None


def _section(raw: Raw, *names: str) -> Raw:
    for name in names:
        section = raw.get(name)
        if section is not None:
            if not isinstance(section, Mapping):
                raise InvalidArgument(f"{name} is {section!r}; it must be an object with counts.")
            return section
    return {}


def _agreed(name: str, stated: int | None, other: int | None) -> int | None:
    if stated is not None and other is not None and stated != other:
        raise InvalidArgument(f"{name} is {other}, but the same report says {stated} elsewhere.")
    return other if stated is None else stated


def _remainder(name: str, whole: int | None, **parts: int | None) -> int | None:
    if whole is None:
        return None
    rest = whole - sum(part or 0 for part in parts.values())
    if rest < 0:
        stated = ", ".join(f"{part} {value}" for part, value in parts.items() if value)
        raise InvalidArgument(f"{name} is {whole}, less than its parts ({stated}).")
    return rest


def _part_of(part_name: str, part: int | None, whole_name: str, whole: int | None) -> None:
    if part is not None and whole is not None and part > whole:
        raise InvalidArgument(f"{part_name} is {part}, more than {whole_name}, {whole}, of which it is a part.")
