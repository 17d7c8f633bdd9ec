"""What is generated is what is checked in."""

from gateway.authoring.policy_docs import policies_readme
from gateway.policy.composition import GENERATED, generated_main
from tests.simulators.policy_inputs import POLICIES


def test_generated_rules_list_every_directory() -> None:
    """Red? Run `tasuki policy compose`."""
    assert generated_main(POLICIES) == (POLICIES / GENERATED).read_text(encoding="utf-8")


def test_generated_rules_ask_what_is_never_a_ground_for_its_reasons_alone() -> None:
    text = generated_main(POLICIES)

    assert "data.disclosure.basis.ordinance28.reasons" in text
    assert "data.disclosure.basis.ordinance28.hits" not in text


def test_readme_is_what_the_annotations_say() -> None:
    """Red? Run `tasuki policy docs`."""
    assert policies_readme(POLICIES) == (POLICIES / "README.md").read_text(encoding="utf-8")
