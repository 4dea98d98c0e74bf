from pathlib import Path

import pytest

from ingest.adapters import ADAPTERS

TEXT = (Path(__file__).parents[2] / "docs" / "feeds.md").read_text()


@pytest.mark.parametrize("slug", ADAPTERS)
def test_every_feed_has_its_section_with_licence_and_credit(slug: str) -> None:
    adapter = ADAPTERS[slug]
    section = TEXT.partition(f"\n## {slug}\n")[2].partition("\n## ")[0]
    for words in ("| Licence |", "| Unit |", "**Known defects.**", "**What we take.**", adapter.attribution):
        assert words in section
    assert not adapter.fetch_url or adapter.fetch_url in section
