"""
Living documentation: the law as rules, for people, with what came of every scenario.

Static pages that need no server and no network. They are made anew each time and never kept.
"""

from pathlib import Path

from gateway.authoring.policy_coverage import CoverageReport
from gateway.authoring.site.law import Law
from gateway.authoring.site.pages import pages
from gateway.authoring.site.scenarios import Results, read_features

__all__ = ["write_site"]


def write_site(
    site: Path,
    *,
    policies: Path,
    features: Path,
    results: Path | None,
    coverage: CoverageReport | None = None,
) -> int:
    """
    Write the site.

    Args:
        site: The directory to write; pages in it are replaced.
        policies: The policies directory.
        features: The directory of the features.
        results: Cucumber JSON of the last run; ``None`` shows every scenario as not run.
        coverage: What tests and cases show of each rule; ``None`` says nothing about it.

    Returns:
        The number of pages.

    Raises:
        RevisionRejected: The policies do not make a revision, or a feature or report cannot be
            read.
        OSError: A page cannot be written.
    """
    told = Results({}) if results is None else Results.read(results)
    law = Law(policies, read_features(features, told), coverage)
    count = 0
    for path, text in pages(law):
        file = site / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        count += 1
    return count
