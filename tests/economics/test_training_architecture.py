"""Counts from the configurations that the model makers published (config.json on their model pages)."""

from typing import Any

import pytest

from economics.errors import InvalidArgument
from economics.training import Architecture, architecture_params, training_flop_per_token

DEEPSEEK_V3 = {
    "hidden_size": 7168,
    "num_hidden_layers": 61,
    "num_attention_heads": 128,
    "num_key_value_heads": 128,
    "vocab_size": 129280,
    "intermediate_size": 18432,
    "q_lora_rank": 1536,
    "kv_lora_rank": 512,
    "qk_nope_head_dim": 128,
    "qk_rope_head_dim": 64,
    "v_head_dim": 128,
    "n_routed_experts": 256,
    "num_experts_per_tok": 8,
    "n_shared_experts": 1,
    "moe_intermediate_size": 2048,
    "first_k_dense_replace": 3,
    "tie_word_embeddings": False,
    "torch_dtype": "bfloat16",
}
DEEPSEEK_V2 = DEEPSEEK_V3 | {
    "hidden_size": 5120,
    "num_hidden_layers": 60,
    "vocab_size": 102400,
    "intermediate_size": 12288,
    "n_routed_experts": 160,
    "num_experts_per_tok": 6,
    "n_shared_experts": 2,
    "moe_intermediate_size": 1536,
    "first_k_dense_replace": 1,
}
LLAMA_3_1_405B = {
    "hidden_size": 16384,
    "num_hidden_layers": 126,
    "num_attention_heads": 128,
    "num_key_value_heads": 8,
    "vocab_size": 128256,
    "intermediate_size": 53248,
}
MIXTRAL_8X7B = {
    "hidden_size": 4096,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "vocab_size": 32000,
    "intermediate_size": 14336,
    "num_local_experts": 8,
    "num_experts_per_tok": 2,
}


def test_parameters_of_deepseek_v3_with_latent_attention_and_experts() -> None:
    counted = architecture_params(config=DEEPSEEK_V3)
    assert (counted.total, counted.active) == (671_025_397_760, 37_551_276_032)
    assert round(counted.total / 1e9, 2) == 671.03
    assert round(counted.active / 1e9, 2) == 37.55
    assert counted.active - counted.matmul == 129280 * 7168  # the input embedding is looked up


def test_flop_per_token_of_deepseek_v3() -> None:
    causal = training_flop_per_token(config=DEEPSEEK_V3, sequence_length=4096)
    full = training_flop_per_token(config=DEEPSEEK_V3, sequence_length=4096, causal=False)
    assert causal == 250_449_887_232  # its authors print 250
    assert full == 281_152_192_512


def test_flop_per_token_of_deepseek_v2() -> None:
    assert training_flop_per_token(config=DEEPSEEK_V2, sequence_length=4096) == pytest.approx(155.3e9, abs=0.05e9)


def test_parameters_with_grouped_query_attention() -> None:
    counted = architecture_params(config=LLAMA_3_1_405B)
    assert counted.total == counted.active == 405_849_243_648  # published: 405,853,388,800 with its norms


def test_parameters_with_another_spelling_of_the_experts() -> None:
    counted = architecture_params(config=MIXTRAL_8X7B)
    assert (counted.total, counted.active) == (46_702_526_464, 12_879_659_008)  # published: 46.7B and 12.9B


def test_parameters_counted_by_hand() -> None:
    config = Architecture(
        hidden_size=4, num_hidden_layers=2, num_attention_heads=2, vocab_size=10, intermediate_size=8, gated=False
    )
    per_layer = 4 * 4 * 4 + 2 * 4 * 8
    counted = architecture_params(config=config)
    assert (counted.total, counted.active, counted.matmul) == (
        2 * per_layer + 80,
        2 * per_layer + 80,
        2 * per_layer + 40,
    )
    attention = 2 * 6 * 2 * (2 + 2) * 2
    assert training_flop_per_token(config=config, sequence_length=6, causal=False) == 3 * (
        2 * (2 * per_layer + 40) + attention
    )


def test_tied_embeddings_are_one_table_that_still_multiplies() -> None:
    untied = architecture_params(config=LLAMA_3_1_405B)
    tied = architecture_params(config=LLAMA_3_1_405B | {"tie_word_embeddings": True})
    assert untied.total - tied.total == 128256 * 16384
    assert untied.matmul == tied.matmul


def test_queries_need_not_be_compressed() -> None:
    config = DEEPSEEK_V3 | {"q_lora_rank": None}
    plain, heads = 7168 * 128 * 192, 7168 * 1536 + 1536 * 128 * 192
    counted = architecture_params(config=config)
    assert counted.total - architecture_params(config=DEEPSEEK_V3).total == 61 * (plain - heads)


def test_a_shared_expert_may_have_its_own_width() -> None:
    wide = architecture_params(config=MIXTRAL_8X7B | {"shared_expert_intermediate_size": 100})
    assert wide.active - architecture_params(config=MIXTRAL_8X7B).active == 32 * 3 * 4096 * 100


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"hidden_size": 0}, "hidden_size is 0"),
        ({"num_hidden_layers": 2.5}, "num_hidden_layers is 2.5"),
        ({"v_head_dim": None}, "v_head_dim is None; it belongs with kv_lora_rank"),
        ({"num_experts_per_tok": 300}, "num_experts_per_tok is 300, more than"),
        ({"first_k_dense_replace": 62}, "first_k_dense_replace is 62"),
        ({"tie_word_embeddings": "no"}, "tie_word_embeddings is 'no'"),
        ({"vocab_size": None}, "config has no vocab_size"),
    ],
)
def test_a_configuration_that_cannot_be_is_refused(change: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidArgument, match=named):
        architecture_params(config=DEEPSEEK_V3 | change)


def test_a_configuration_is_a_mapping() -> None:
    with pytest.raises(InvalidArgument, match="config is 'deepseek-v3'"):
        architecture_params(config="deepseek-v3")  # type: ignore[arg-type]
