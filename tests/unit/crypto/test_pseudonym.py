"""A person is unlinkable wherever the key, the recipient, the purpose or the use differs."""

from gateway.crypto.pseudonym import (
    recipient_pseudonym,
    reference_digest,
    register_entry_id,
    subject_pseudonym,
)

KEY, OTHER = bytes(32), bytes(range(32))


def test_pseudonym_differs_by_everything_it_depends_on() -> None:
    made = {
        subject_pseudonym(KEY, "log", "p-1"),
        subject_pseudonym(OTHER, "log", "p-1"),
        subject_pseudonym(KEY, "log2", "p-1"),
        subject_pseudonym(KEY, "log", "p-2"),
        subject_pseudonym(KEY, "logp", "-1"),
        reference_digest(KEY, "log", "p-1"),
    }

    assert 6 == len(made)
    assert not any("p-1" in pseudonym for pseudonym in made)


def test_recipients_cannot_link_one_person() -> None:
    def made(recipient: str, purpose: str, key: bytes = KEY) -> str:
        return recipient_pseudonym("k1", key, recipient=recipient, purpose=purpose, person_id="p-1")

    watch = made("npo", "watch")

    assert 4 == len(
        {watch, made("shakyo", "watch"), made("npo", "food"), made("npo", "watch", OTHER)}
    )
    assert watch == made("npo", "watch")
    assert watch.startswith("k1.")


def test_entry_of_a_fact_is_found_only_by_who_keeps_the_key() -> None:
    made = {
        register_entry_id(KEY, "consent", "c-1", 1),
        register_entry_id(OTHER, "consent", "c-1", 1),
        register_entry_id(KEY, "approval", "c-1", 1),
        register_entry_id(KEY, "consent", "c-2", 1),
        register_entry_id(KEY, "consent", "c-1", 2),
        register_entry_id(KEY, "consent", "c-", 11),
    }

    assert 6 == len(made)
    assert {22} == {len(entry_id) for entry_id in made}
    assert register_entry_id(KEY, "consent", "c-1", 1) in made
