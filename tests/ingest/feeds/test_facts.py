"""Feeds of facts about models and of rents of accelerators."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import orjson
import pytest

from ingest.adapters import epoch_hardware, epoch_hardware_prices, epoch_models, hf_hub, skypilot
from ingest.adapters.base import FactObservation, HardwareObservation, HardwarePriceObservation, Parsed, ParseError
from ingest.adapters.tables import pack

HEAD = "Model,Domain,Parameters,Training chip-hours,Training compute cost (2023 USD),Confidence\n"


def models(*rows: str) -> Parsed:
    return epoch_models.parse((HEAD + "\n".join(rows) + "\n").encode())


def test_epoch_model_gives_three_facts_without_the_dollar_sign() -> None:
    (record,) = models("DeepSeek-V3,Language,671000000000.0,2788000.0,$5390000.00,Confident").records
    estimate = "estimate by Epoch AI"
    assert record.observations == (
        FactObservation("total_params", "671000000000", "parameters"),
        FactObservation("training_gpu_hours", "2788000", "chip-hours", estimate),
        FactObservation("training_cost_usd", "5390000", "USD", f"2023 USD, {estimate}"),
    )


def test_epoch_model_that_is_not_of_language_or_is_a_guess() -> None:
    image, rumour = models("A,Image generation,1e9,,,Confident", "B,Language,1.8e12,,,Speculative").records
    assert image.observations == ()
    assert rumour.observations == (FactObservation("total_params", "1800000000000", "parameters", confidence="low"),)


@pytest.mark.parametrize("value", ["Aixin Liu", "-5", "nan", "1e99"])
def test_epoch_row_whose_columns_slid_is_refused(value: str) -> None:
    parsed = models(f"A,Language,{value},,,Confident", "B,Language,,,,Confident")
    assert [record.raw_name for record in parsed.records] == ["B"]
    assert [item.raw_name for item in parsed.rejected] == ["A"]


def test_epoch_rent_is_per_chip_and_dated() -> None:
    text = (
        "Price source,Price date,Hardware model,Vendor,Location,Price per chip-hour (on-demand),"
        "Price per chip-hour (1-year CUD),Price per chip-hour (3-year CUD),Price (hardware purchase)\n"
        "https://x,2017-02-10,NVIDIA Tesla K80,Amazon Web Services,US East,0.90,,0.43,\n"
    )
    parsed = epoch_hardware_prices.parse((text + text.splitlines()[1] + "\n").encode())
    (record,) = parsed.records
    day = date(2017, 2, 10)
    assert record.observations == (
        HardwarePriceObservation("NVIDIA Tesla K80", Decimal("0.90"), "on_demand", day, "US East"),
        HardwarePriceObservation("NVIDIA Tesla K80", Decimal("0.43"), "reserved", day, "three years, US East"),
    )
    assert parsed.rejected == []


def skypilot_row(row: str) -> Parsed:
    head = "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,Price,Region,SpotPrice\n"
    return skypilot.parse(pack({"skypilot_v8_nebius_gpu_rows.csv": (head + row + "\n").encode()}))


def test_skypilot_instance_price_is_divided_by_its_accelerators() -> None:
    (record,) = skypilot_row("gpu-h100-sxm_8gpu,H100,8,128,1600,23.60,eu-north1,10.00").records
    board, note = "NVIDIA H100 SXM5 80GB", "gpu-h100-sxm_8gpu, eu-north1"
    assert record.observations == (
        HardwarePriceObservation(board, Decimal("2.95"), "on_demand", note=note),
        HardwarePriceObservation(board, Decimal("1.25"), "spot", note=note),
    )


def test_skypilot_price_that_is_missing_and_board_that_is_not_named() -> None:
    (record,) = skypilot_row("2B300.60V,B300,2.0,60,550,,FIN-03,4.893").records
    assert [price.terms for price in record.observations if isinstance(price, HardwarePriceObservation)] == ["spot"]
    (record,) = skypilot_row("a3-highgpu,H100,8,1,1,88,us,").records
    assert record.observations == ()


def hub(**fields: object) -> tuple[object, ...]:
    (record,) = hf_hub.parse(orjson.dumps([{"id": "Qwen/Qwen3-8B"} | fields])).records
    return record.observations


def test_hub_counts_parameters_only_of_plain_weights() -> None:
    plain = {"parameters": {"BF16": 8190735360}, "total": 8190735360}
    fact = FactObservation("total_params", "8190735360", "parameters", confidence="high", note="all stored as BF16")
    assert hub(safetensors=plain) == (fact,)
    assert hub(safetensors={"parameters": {"BF16": 1, "U8": 2}, "total": 3}) == ()
    assert hub(safetensors={"parameters": {"U8": 2}, "total": 2}) == ()
    assert hub(safetensors={"total": 684531386000}) == ()
    assert hub(safetensors=plain, config={"quantization_config": {}}) == ()


def test_hub_licence_is_a_text_or_a_list() -> None:
    assert hub(cardData={"license": "apache-2.0"}) == (FactObservation("licence", "apache-2.0", confidence="high"),)
    assert hub(cardData={"license": ["mit", "other"]}) == (FactObservation("licence", "mit, other", confidence="high"),)


@pytest.mark.parametrize(
    ("parse", "body"),
    [
        (epoch_models.parse, b"Model,Notes\na,b\n"),
        (epoch_models.parse, b""),
        (epoch_hardware_prices.parse, b"<html>"),
        (skypilot.parse, b"a,b\n"),
        (hf_hub.parse, b'[{"name": "x"}]'),
        (hf_hub.parse, b"[]"),
    ],
)
def test_file_of_another_kind_is_refused(parse: Callable[[bytes], Parsed], body: bytes) -> None:
    with pytest.raises(ParseError):
        parse(body)


HARDWARE = (
    "Hardware name,Manufacturer,Release date,Tensor-FP16/BF16 performance (FLOP/s),FP8 performance (FLOP/s),"
    "INT8 performance (OP/s),Memory (bytes),TDP (W)\n"
)


def test_accelerator_without_fp8_has_none_however_fast_its_int8() -> None:
    row = "NVIDIA H800 SXM5,NVIDIA,2023-03-21,989000000000000.0,,1979000000000000.0,80000000000.0,700.0\n"
    (record,) = epoch_hardware.parse((HARDWARE + row).encode()).records
    assert record.observations == (
        HardwareObservation("NVIDIA H800 SXM5", "NVIDIA", date(2023, 3, 21), 9.89e14, None, 80_000_000_000, 700.0),
    )


def test_accelerator_with_the_sparse_peak_is_refused() -> None:
    row = "NVIDIA H200 SXM,NVIDIA,2024-11-18,9.895e14,3.958e15,,141000000000.0,700.0\n"
    parsed = epoch_hardware.parse((HARDWARE + row).encode())
    assert parsed.records == []
    assert parsed.rejected[0].reason.startswith("The FP8 peak of 3.958e+15 FLOP/s is 4 times the BF16 peak")


def test_selection_of_models_is_a_cut_and_the_whole_table_is_not() -> None:
    head = "Model,Parameters,Confidence,Training chip-hours,Frontier model\n"
    assert epoch_models.parse(f"{head}A,1e9,Confident,,True\nB,1e9,Confident,,True\n".encode()).covers == ()
    assert epoch_models.parse(f"{head}A,1e9,Confident,,True\nB,1e9,Confident,,\n".encode()).covers is None
