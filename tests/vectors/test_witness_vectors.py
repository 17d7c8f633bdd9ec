"""The file of requests is what its generator writes."""

import runpy
from pathlib import Path

HERE = Path(__file__).parent


def test_file_that_is_checked_in_is_the_one_that_is_generated() -> None:
    generated = runpy.run_path(str(HERE / "witness_requests.py"))["text"]()
    assert (HERE / "witness_requests.json").read_text(encoding="utf-8") == generated
