import pytest
from django.test import Client

from catalog.models import TrainingRun
from dashboard.ledger import ledgers
from dashboard.plausibility_inputs import parse_inputs


def test_nothing_given_is_the_usual_range_and_the_chips_own_peak() -> None:
    assumed, fields, notices = parse_inputs({})

    assert (assumed.peak_flop_per_s, assumed.utilisation, notices) == (None, (0.2, 0.6), [])
    assert [value for _, _, value, _, _ in fields] == ["", "20", "60"]


def test_verdict_follows_the_peak_and_the_utilisation(two_runs: list[TrainingRun]) -> None:
    def llama(**given: str) -> tuple[str, float]:
        found = next(each for each in ledgers(assumed=parse_inputs(given)[0]) if each.slug == "llama-3-1-405b")
        return found.verdict.verdict, round(found.verdict.implied_utilisation or 0.0, 3)

    # 6 x 405e9 x 15e12 / (30.84e6 x 3600 x peak)
    assert llama() == ("plausible", 0.332)
    assert llama(peak_tflop="300") == ("impossible", 1.094)
    assert llama(utilisation_low="5", utilisation_high="10")[0] == "not plausible as stated"
    assert llama(utilisation_low="90", utilisation_high="100")[0] == "plausible, inefficient"


@pytest.mark.parametrize(
    ("given", "notice"),
    [
        ({"peak_tflop": "fast"}, "peak_tflop is 'fast'"),
        ({"utilisation_high": "120"}, "utilisation_high is '120'"),
        ({"utilisation_low": "70"}, "utilisation_low is 70 and utilisation_high is 60: the first must be the smaller."),
    ],
)
def test_input_that_cannot_be_used_is_named_and_replaced(given: dict[str, str], notice: str) -> None:
    assumed, _, notices = parse_inputs(given)

    assert (assumed.peak_flop_per_s, assumed.utilisation) == (None, (0.2, 0.6))
    assert len(notices) == 1
    assert notices[0].message.startswith(notice)


def test_page_judges_with_the_inputs_of_the_address(client: Client, two_runs: list[TrainingRun]) -> None:
    page = client.get("/training/?peak_tflop=300&utilisation_low=30").content.decode()

    assert "Could the hours be true?" in page
    assert "your figure" in page
    assert 'name="utilisation_low" min="0.1" max="100" step="any" value="30"' in page
    assert "109.4% of the peak you gave" in page
