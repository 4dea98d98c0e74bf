"""The local model is a real one, served as evals expects it."""

import json
import urllib.error
import urllib.request

import pytest

from config.supervisor.local_model import MODEL_ID

pytestmark = pytest.mark.local_model


def test_local_model_answers_and_counts_its_tokens(local_model: str) -> None:
    question = {
        "model": MODEL_ID,
        "messages": [{"role": "user", "content": "What is 2+2? Answer with the number only."}],
        "max_tokens": 24,
        "temperature": 0,
    }
    request = urllib.request.Request(
        f"{local_model}/chat/completions", json.dumps(question).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        answer = json.load(response)
    assert "4" in answer["choices"][0]["message"]["content"]
    assert answer["model"] == MODEL_ID
    usage = answer["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert 0 < usage["completion_tokens"] <= 24


def test_local_model_shows_no_prompts_and_admits_no_other_page(local_model: str) -> None:
    with pytest.raises(urllib.error.HTTPError, match=r"HTTP Error (501|403|404)"):
        urllib.request.urlopen(local_model.removesuffix("/v1") + "/slots", timeout=10)
    request = urllib.request.Request(f"{local_model}/models", headers={"Origin": "https://evil.example"})
    with urllib.request.urlopen(request, timeout=10) as response:
        assert response.headers.get("Access-Control-Allow-Origin") not in {"*", "https://evil.example"}
