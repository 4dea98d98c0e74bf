"""Parameters and training FLOP of a transformer, counted from its published configuration."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from economics._checks import count
from economics.errors import InvalidArgument

_FORWARD_AND_BACKWARD = 3  # the backward pass computes two gradients per multiplication
_FLAGS = frozenset({"tie_word_embeddings", "gated"})
_SIZES = ("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size", "intermediate_size")
_LATENT = ("kv_lora_rank", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim")
_EXPERTS = ("n_routed_experts", "num_experts_per_tok")
_OTHER_SPELLINGS = {"num_experts": "n_routed_experts", "num_local_experts": "n_routed_experts"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """A decoder-only transformer, under the names of the ``config.json`` that open models publish.

    Attention: multi-head latent when ``kv_lora_rank`` is given (then with the three head dimensions; ``q_lora_rank``
    None: queries are not compressed), else grouped-query (``num_key_value_heads``; None: as many as heads).
    MLP: gated, three matrices, unless ``gated`` is False: two. Mixture of experts when ``n_routed_experts`` is given;
    the first ``first_k_dense_replace`` layers stay dense. ``moe_intermediate_size`` None: experts are as wide as
    ``intermediate_size``.
    """

    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    vocab_size: int
    intermediate_size: int
    num_key_value_heads: int | None = None
    head_dim: int | None = None
    tie_word_embeddings: bool = False
    gated: bool = True
    q_lora_rank: int | None = None
    kv_lora_rank: int | None = None
    qk_nope_head_dim: int | None = None
    qk_rope_head_dim: int | None = None
    v_head_dim: int | None = None
    n_routed_experts: int | None = None
    num_experts_per_tok: int | None = None
    n_shared_experts: int | None = None
    moe_intermediate_size: int | None = None
    shared_expert_intermediate_size: int | None = None
    first_k_dense_replace: int = 0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in _FLAGS:
                if not isinstance(value, bool):
                    raise InvalidArgument(f"{field.name} is {value!r}; give True or False.")
            elif value is not None or field.name in _SIZES:
                count(value, name=field.name, low=1 if field.name in _SIZES else 0)
        for group in (_LATENT, _EXPERTS):
            absent = [name for name in group if not getattr(self, name)]
            if absent and len(absent) < len(group):
                raise InvalidArgument(f"{absent[0]} is {getattr(self, absent[0])!r}; it belongs with {group[0]}.")
        if (self.num_experts_per_tok or 0) > (self.n_routed_experts or 0):
            raise InvalidArgument(
                f"num_experts_per_tok is {self.num_experts_per_tok}, more than n_routed_experts, "
                f"{self.n_routed_experts}."
            )
        if self.first_k_dense_replace > self.num_hidden_layers:
            raise InvalidArgument(
                f"first_k_dense_replace is {self.first_k_dense_replace}, more than the {self.num_hidden_layers} layers."
            )

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "Architecture":
        """Read a published ``config.json``; keys that do not change the count are passed over."""
        known = {field.name for field in fields(cls)}
        stated = {
            _OTHER_SPELLINGS.get(key, key): value
            for key, value in config.items()
            if value is not None and _OTHER_SPELLINGS.get(key, key) in known
        }
        for name in _SIZES:
            if name not in stated:
                raise InvalidArgument(f"config has no {name}; give the model's published config.json.")
        return cls(**stated)

    @property
    def query_key_dim(self) -> int:
        """Width of a query and a key, per head."""
        if self.kv_lora_rank:
            return (self.qk_nope_head_dim or 0) + (self.qk_rope_head_dim or 0)
        return self.head_dim or self.hidden_size // self.num_attention_heads

    @property
    def value_dim(self) -> int:
        """Width of a value, per head."""
        return self.v_head_dim or 0 if self.kv_lora_rank else self.query_key_dim

    @property
    def attention_params(self) -> int:
        """Projections of one attention layer."""
        d, heads = self.hidden_size, self.num_attention_heads
        output = heads * self.value_dim * d
        if not self.kv_lora_rank:
            kv_heads = self.num_key_value_heads or heads
            return d * heads * self.query_key_dim + 2 * d * kv_heads * self.query_key_dim + output
        queries = heads * self.query_key_dim
        rank = self.q_lora_rank
        query_params = d * rank + rank * queries if rank else d * queries
        latent, rope = self.kv_lora_rank, self.qk_rope_head_dim or 0
        key_values = heads * ((self.qk_nope_head_dim or 0) + self.value_dim)
        return query_params + d * (latent + rope) + latent * key_values + output

    def mlp_params(self, *, active: bool) -> int:
        """MLP of all layers: all experts, or those that one token passes."""
        per_width = (3 if self.gated else 2) * self.hidden_size
        if not self.n_routed_experts:
            return self.num_hidden_layers * per_width * self.intermediate_size
        width = self.moe_intermediate_size or self.intermediate_size
        shared = (self.n_shared_experts or 0) * width + (self.shared_expert_intermediate_size or 0)
        experts = (self.num_experts_per_tok or 0) if active else self.n_routed_experts
        router = self.hidden_size * self.n_routed_experts
        dense_layers = self.first_k_dense_replace
        moe_layer = per_width * (experts * width + shared) + router
        return dense_layers * per_width * self.intermediate_size + (self.num_hidden_layers - dense_layers) * moe_layer

    @property
    def embedding_params(self) -> int:
        """One table of vocab_size x hidden_size: the input embedding; the output head is another unless tied."""
        return self.vocab_size * self.hidden_size


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterCount:
    """Parameters of a model.

    total    all of them, with the input embedding and the output head (one table when tied)
    active   those one token passes, counted with the same two tables
    matmul   those one token is multiplied with: ``active`` without the input embedding, which is a look-up
    """

    total: int
    active: int
    matmul: int


def architecture_params(*, config: Architecture | Mapping[str, Any]) -> ParameterCount:
    """Count parameters from a published configuration (an :class:`Architecture` or the mapping of a ``config.json``).

    Attention projections, MLPs or experts with their router, input embedding and output head. Norms and biases (less
    than 0.001% in large models) and extra prediction heads are left out.
    multi-head latent attention, per layer: d q + q h (nope + rope) + d (kv + rope) + kv h (nope + v) + h v d
    grouped-query: d h k + 2 d g k + h k d. Gated MLP: 3 d ff.
    """
    architecture = _architecture(config)
    attention = architecture.num_hidden_layers * architecture.attention_params
    tables = architecture.embedding_params * (1 if architecture.tie_word_embeddings else 2)
    layers_active = attention + architecture.mlp_params(active=True)
    return ParameterCount(
        total=attention + architecture.mlp_params(active=False) + tables,
        active=layers_active + tables,
        matmul=layers_active + architecture.embedding_params,
    )


def training_flop_per_token(
    *, config: Architecture | Mapping[str, Any], sequence_length: int, causal: bool = True
) -> float:
    """Return the training FLOP per token: 3 x (2 x N_matmul + A), forward once and backward twice.

    N_matmul   parameters a token is multiplied with (``architecture_params(...).matmul``)
    A          attention scores and values, forward: 2 x sequence_length x heads x (d_qk + d_v) x layers, halved when
               ``causal``, since a token then sees half the sequence on average
    Model FLOP: recomputation of activations is not counted. (Formula of arXiv 2001.08361 with attention; authors of
    DeepSeek-V3 print 250 GFLOP, arXiv 2505.09343, where this gives 250.4.)
    """
    architecture = _architecture(config)
    length = count(sequence_length, name="sequence_length", low=1)
    width = architecture.num_attention_heads * (architecture.query_key_dim + architecture.value_dim)
    attention = 2 * length * width * architecture.num_hidden_layers * (0.5 if causal else 1.0)
    return _FORWARD_AND_BACKWARD * (2 * architecture_params(config=architecture).matmul + attention)


def _architecture(config: Architecture | Mapping[str, Any]) -> Architecture:
    if isinstance(config, Architecture):
        return config
    if isinstance(config, Mapping):
        return Architecture.from_config(config)
    raise InvalidArgument(f"config is {config!r}; give an Architecture or the mapping of a config.json.")
