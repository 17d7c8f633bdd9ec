"""
Write the chart's golden renders anew: what Helm makes of each example.

A change of a template shows in them what it changes in a cluster. Run by ``make chart``.
"""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).resolve().parent
_CHART: Final = _HERE / "tasuki"
_GOLDEN: Final = _HERE / "golden"
_HELM: Final = _HERE.parents[1] / ".tools/helm"

CASES: Final[Mapping[str, Path]] = {
    "production": _HERE / "example-production.yaml",
    "minimal": _GOLDEN / "minimal.values.yaml",
}


def golden(case: str) -> Path:
    """Return the file that holds the render of one case."""
    return _GOLDEN / f"{case}.yaml"


def render(case: str, *arguments: str) -> str:
    """
    Return what Helm makes of one case, with further arguments for ``helm template``.

    Raises:
        subprocess.CalledProcessError: The chart refuses the values; ``stderr`` says why.
    """
    where = ["tasuki", str(_CHART), "--namespace", "tasuki"]
    values = ["--values", str(CASES[case]), *arguments]
    done = subprocess.run(  # noqa: S603 - the program that make tools built
        [str(_HELM), "template", *where, *values], check=True, capture_output=True, text=True
    )
    return done.stdout


if __name__ == "__main__":
    for name in CASES:
        golden(name).write_text(render(name), encoding="utf-8")
        print(f"chart: {golden(name).relative_to(_HERE)}")
