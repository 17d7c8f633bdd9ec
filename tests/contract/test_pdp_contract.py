"""The contract of the policy decision point, on the embedded engine and on a real OPA."""

import asyncio
import http.server
import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.authoring.opa_server import OPANotStarted, find_opa, opa_pulling, opa_serving
from gateway.crypto.keys import SigningKey, generate_signing_key
from gateway.domain.disclosure import Outcome
from gateway.domain.errors import PolicyUnavailable
from gateway.policy.archive import DATA, pack, unpack
from gateway.policy.bundle import PolicyBundle, build_bundle
from gateway.policy.contract import PolicyContract
from gateway.policy.embedded import EmbeddedPolicy
from gateway.policy.opa import OPAPolicy
from gateway.policy.signing import sign_archive
from tests.simulators.policy_inputs import CASES, POLICIES, SCHEMAS, known

ROOT = POLICIES.parent
OPA = find_opa(ROOT)
needs_opa = pytest.mark.skipif(OPA is None, reason="no OPA binary: run `make tools`")


@pytest.fixture(scope="module")
def bundle() -> PolicyBundle:
    return build_bundle(POLICIES)


@pytest.fixture(scope="module")
def contract() -> PolicyContract:
    return PolicyContract.read(SCHEMAS)


@pytest.fixture(scope="module")
def opa_port(bundle: PolicyBundle) -> Iterator[int]:
    assert OPA is not None
    with opa_serving(OPA, bundle.archive) as port:
        yield port


@pytest.fixture(scope="module")
def policy_key() -> SigningKey:
    return generate_signing_key()


def changed_after_signing(archive: bytes) -> bytes:
    files = unpack(archive)
    files[DATA] = orjson.dumps({**orjson.loads(files[DATA]), "stops": {}})
    return pack(files)


def ask_opa(
    contract: PolicyContract, port: int, revision: str, question: Any, *, timeout_s: float = 5.0
) -> Any:
    async def ask() -> Any:
        policy = OPAPolicy(contract, revision=revision, port=port, timeout_s=timeout_s)
        async with policy:
            return await policy.decide(question)

    return asyncio.run(ask())


@needs_opa
@pytest.mark.opa
def test_decide_of_another_revision_is_silence(contract: PolicyContract, opa_port: int) -> None:
    with pytest.raises(PolicyUnavailable, match="another revision"):
        ask_opa(contract, opa_port, "sha256:other", known("consent_private"))


@needs_opa
@pytest.mark.opa
def test_decide_with_a_broken_input_never_reaches_opa(
    contract: PolicyContract, bundle: PolicyBundle, opa_port: int
) -> None:
    with pytest.raises(PolicyUnavailable, match="its schema"):
        ask_opa(contract, opa_port, bundle.revision, {})


@needs_opa
@pytest.mark.opa
@pytest.mark.parametrize("case", CASES)
def test_decide_answers_as_the_embedded_engine(
    case: str, contract: PolicyContract, bundle: PolicyBundle, opa_port: int
) -> None:
    expected = EmbeddedPolicy(bundle, contract).decide_now(known(case))

    answer = ask_opa(contract, opa_port, bundle.revision, known(case))

    assert expected.decision == answer.decision
    assert expected.revision == answer.revision
    assert answer.engine.startswith("opa 1.")


@needs_opa
@pytest.mark.opa
def test_bundle_is_pulled_with_its_etag(contract: PolicyContract, bundle: PolicyBundle) -> None:
    """OPA's own bundle plugin activates what the gateway serves, and asks with the ETag."""
    assert OPA is not None
    with (
        serving(bundle) as (url, asked),
        opa_pulling(OPA, url, "policies/bundle.tar.gz") as port,
    ):
        answer = ask_opa(contract, port, bundle.revision, known("consent_private"))
        again = wait_for_tag(asked, bundle.etag)

    assert answer.outcome is Outcome.PERMIT
    assert again


@needs_opa
@pytest.mark.opa
@pytest.mark.parametrize("how", ["another key", "unsigned", "changed"])
def test_opa_refuses_a_bundle_that_the_trusted_key_did_not_sign(
    bundle: PolicyBundle, policy_key: SigningKey, how: str
) -> None:
    assert OPA is not None
    archive = {
        "another key": sign_archive(bundle.archive, generate_signing_key()),
        "unsigned": bundle.archive,
        "changed": changed_after_signing(sign_archive(bundle.archive, policy_key)),
    }[how]

    with (
        pytest.raises(OPANotStarted, match=r"signature|digest mismatch"),
        opa_serving(OPA, archive, trusted=policy_key.public()),
    ):
        pass


@needs_opa
@pytest.mark.opa
def test_opa_that_pulls_never_takes_up_a_bundle_of_another_key(
    bundle: PolicyBundle, policy_key: SigningKey
) -> None:
    """It asks and is given one, and has no rules still."""
    assert OPA is not None
    forged = replace(bundle, archive=sign_archive(bundle.archive, generate_signing_key()))
    with (
        serving(forged) as (url, asked),
        pytest.raises(OPANotStarted),
        opa_pulling(OPA, url, "policies/bundle.tar.gz", trusted=policy_key.public(), start_s=4.0),
    ):
        pass

    assert {""} == set(asked)


@needs_opa
@pytest.mark.opa
def test_opa_takes_up_the_bundle_that_the_trusted_key_signed(
    contract: PolicyContract, bundle: PolicyBundle, policy_key: SigningKey
) -> None:
    assert OPA is not None
    signed = replace(bundle, archive=sign_archive(bundle.archive, policy_key))
    with opa_serving(OPA, signed.archive, trusted=policy_key.public()) as port:
        from_file = ask_opa(contract, port, bundle.revision, known("consent_private"))
    with (
        serving(signed) as (url, asked),
        opa_pulling(OPA, url, "policies/bundle.tar.gz", trusted=policy_key.public()) as port,
    ):
        pulled = ask_opa(contract, port, bundle.revision, known("consent_private"))
        again = wait_for_tag(asked, bundle.etag)

    assert Outcome.PERMIT is from_file.outcome is pulled.outcome
    assert again


def test_decide_on_a_closed_port_is_silence(contract: PolicyContract) -> None:
    with pytest.raises(PolicyUnavailable):
        ask_opa(contract, 1, "sha256:any", known("consent_private"))


def test_decide_on_a_server_that_says_nothing_is_silence(contract: PolicyContract) -> None:
    """A server that accepts and never answers is given its time and no more."""
    with silent_server() as port, pytest.raises(PolicyUnavailable):
        ask_opa(contract, port, "sha256:any", known("consent_private"), timeout_s=0.2)


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[]",
        b"not json",
        b'{"result": {"outcome": "permit"}}',
        b'{"result": null, "provenance": {"version": "1", "bundles": {"b": {"revision": "r"}}}}',
        b'{"result": {"outcome": "permit"}, "provenance": {"version": "1", "bundles": {}}}',
    ],
    ids=["empty", "a list", "not json", "no provenance", "null", "no bundle"],
)
def test_decide_on_a_malformed_body_is_silence(contract: PolicyContract, body: bytes) -> None:
    with answering(200, body) as port, pytest.raises(PolicyUnavailable):
        ask_opa(contract, port, "r", known("consent_private"))


@pytest.mark.parametrize("status", [400, 404, 500, 503])
def test_decide_on_an_error_status_is_silence(contract: PolicyContract, status: int) -> None:
    with answering(status, b"{}") as port, pytest.raises(PolicyUnavailable):
        ask_opa(contract, port, "r", known("consent_private"))


@pytest.fixture(scope="module")
def outspoken(tmp_path_factory: pytest.TempPathFactory) -> PolicyBundle:
    """Rules that permit in a word of their own, and are otherwise the same."""
    policies = Path(shutil.copytree(POLICIES, tmp_path_factory.mktemp("outcome") / "policies"))
    main = policies / "disclosure/main/main.rego"
    text = main.read_text(encoding="utf-8")
    permit = '"outcome": outcome,'
    assert permit in text
    allowed = '"outcome": replace(outcome, "permit", "allow"),'
    main.write_text(text.replace(permit, allowed), encoding="utf-8")
    return build_bundle(policies)


def test_decide_in_an_unknown_word_is_silence_of_the_embedded_engine(
    contract: PolicyContract, outspoken: PolicyBundle
) -> None:
    policy = EmbeddedPolicy(outspoken, contract)

    assert policy.decide_now(known("consent_private", {"/registered/consents": []}))
    with pytest.raises(PolicyUnavailable, match="its schema"):
        policy.decide_now(known("consent_private"))


@needs_opa
@pytest.mark.opa
def test_decide_in_an_unknown_word_is_silence_of_opa(
    contract: PolicyContract, outspoken: PolicyBundle
) -> None:
    assert OPA is not None
    refused = known("consent_private", {"/registered/consents": []})
    with opa_serving(OPA, outspoken.archive) as port:
        assert ask_opa(contract, port, outspoken.revision, refused)
        with pytest.raises(PolicyUnavailable, match="its schema"):
            ask_opa(contract, port, outspoken.revision, known("consent_private"))


@pytest.mark.parametrize("outcome", ["allow", "PERMIT", "permit ", "", None, True, 1])
def test_decide_of_any_other_outcome_is_silence(
    contract: PolicyContract, bundle: PolicyBundle, outcome: Any
) -> None:
    """Whatever a server on the port says, only the words of the schema are an answer."""
    decision = EmbeddedPolicy(bundle, contract).decide_now(known("consent_private")).decision
    body = {
        "result": {**decision, "outcome": outcome},
        "provenance": {"version": "1", "bundles": {"b": {"revision": "r"}}},
    }

    with answering(200, orjson.dumps(body)) as port, pytest.raises(PolicyUnavailable):
        ask_opa(contract, port, "r", known("consent_private"))


# Small servers that stand in for a broken or a serving peer.


class serving:  # noqa: N801 - reads as a word in a with statement
    """Serves one bundle with its ETag and remembers which tags were asked for."""

    def __init__(self, bundle: PolicyBundle) -> None:
        asked: list[str] = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                tag = self.headers.get("If-None-Match", "")
                asked.append(tag)
                same = tag == bundle.etag
                self.send_response(304 if same else 200)
                self.send_header("ETag", bundle.etag)
                self.send_header("Content-Length", "0" if same else str(len(bundle.archive)))
                self.end_headers()
                if not same:
                    self.wfile.write(bundle.archive)

            def log_message(self, *args: object) -> None:
                """Stay quiet."""

        self.asked = asked
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self) -> tuple[str, list[str]]:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_port}", self.asked

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class answering:  # noqa: N801 - reads as a word in a with statement
    """Answers every POST with one status and body."""

    def __init__(self, status: int, body: bytes) -> None:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                """Stay quiet."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self) -> int:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return int(self._server.server_port)

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class silent_server:  # noqa: N801 - reads as a word in a with statement
    """Accepts connections and says nothing."""

    def __enter__(self) -> int:
        self._socket = socket.create_server(("127.0.0.1", 0))
        return int(self._socket.getsockname()[1])

    def __exit__(self, *exc: object) -> None:
        self._socket.close()


def wait_for_tag(asked: list[str], tag: str) -> bool:
    """Wait until OPA has asked again with the tag it was given."""
    for _ in range(100):
        if tag in asked:
            return True
        threading.Event().wait(0.05)
    return False
