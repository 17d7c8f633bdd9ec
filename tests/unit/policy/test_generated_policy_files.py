"""What is generated is what is checked in."""

from gateway.authoring.policy_docs import policies_readme
from gateway.policy.composition import GENERATED, generated_main
from tests.simulators.policy_inputs import POLICIES


def test_generated_rules_list_every_directory() -> None:
    """Red? Run `tasuki policy compose`."""
    assert generated_main(POLICIES) == (POLICIES / GENERATED).read_text(encoding="utf-8")


def test_readme_is_what_the_annotations_say() -> None:
    """Red? Run `tasuki policy docs`."""
    assert policies_readme(POLICIES) == (POLICIES / "README.md").read_text(encoding="utf-8")
