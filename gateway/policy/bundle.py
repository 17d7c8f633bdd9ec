"""
A policy revision: the rules and tables of one directory, frozen and named by their digest.

The bundle is what an OPA server pulls and what the embedded engine loads: the same bytes,
so that the same digest stands in every decision. It holds law and packs, never a register.

* Building is deterministic: the same directory gives the same bytes.
* ``data.meta`` is read from the METADATA above the rules, ``data.index`` from the tables.
* Tests, schemas and known cases stay outside.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from gateway.crypto.keys import VerifyKey
from gateway.policy.annotations import Annotation, annotations_of
from gateway.policy.archive import DATA, MANIFEST, SIGNATURES, pack, unpack
from gateway.policy.gates import check_annotations, check_present, check_tables
from gateway.policy.issue import Issue
from gateway.policy.places import place_in
from gateway.policy.rejection import RevisionRejected
from gateway.policy.signing import check_signature
from gateway.policy.tables import index_of, read_tables

__all__ = ["PolicyBundle", "build_bundle", "meta_of", "read_bundle", "sources_of"]

ENTRYPOINT = "data.disclosure.main.decision"

_REASON_TEXTS = (
    "article",
    "title_ja",
    "title_en",
    "next_step_ja",
    "next_step_en",
    "side",
    "lawful_alternatives",
)
_RULE_TEXTS = ("article", "title_ja", "title_en")


@dataclass(frozen=True, slots=True)
class PolicyBundle:
    """
    One revision, ready to serve.

    Attributes:
        revision: ``sha256:`` and the hex digest of its contents.
        modules: Path to Rego source, relative to the policies directory, sorted.
        data: The data document: tables, ``index`` and ``meta``.
        archive: The gzip'd tar that an OPA server pulls.
    """

    revision: str
    modules: Mapping[str, str] = field(repr=False)
    data: Mapping[str, Any] = field(repr=False)
    archive: bytes = field(repr=False)

    @property
    def etag(self) -> str:
        """The strong entity tag under which the archive is served (RFC 9110 8.8.3)."""
        return f'"{self.revision}"'

    @property
    def issue(self) -> Issue | None:
        """Its place among the revisions; ``None`` of one from before they were numbered."""
        return Issue.of(self.data.get("revision"))

    @property
    def data_json(self) -> str:
        """The data document as canonical JSON text."""
        return _json(self.data)

    def pack(self, pack_id: str) -> Mapping[str, Any] | None:
        """Return a municipality's pack with its thresholds, or ``None`` when unknown."""
        pack = self.data["packs"].get(pack_id)
        return pack if isinstance(pack, Mapping) else None

    def witnessed_classes(self, pack_id: str) -> frozenset[str]:
        """Return the classes of fields whose release a quorum of witnesses has to have cosigned."""
        pack = self.pack(pack_id) or {}
        # A policies directory from before there was this choice demands nothing.
        return frozenset(pack.get("thresholds", {}).get("witnessed_classes", ()))

    def unreviewed(self, pack_id: str) -> tuple[str, ...]:
        """Return the bases that a pack enables although no lawyer has reviewed them."""
        pack = self.pack(pack_id) or {}
        basis = self.data["basis"]
        return tuple(b for b in sorted(pack.get("bases", {})) if not basis[b]["reviewed_by"])


def build_bundle(directory: Path) -> PolicyBundle:
    """
    Build the revision that a policies directory holds.

    Raises:
        RevisionRejected: A table, an annotation or a code is not in order.
    """
    modules = {p: s for p, s in sources_of(directory).items() if _serves(p)}
    tables = read_tables(directory)
    annotations = [a for path, source in modules.items() for a in annotations_of(path, source)]
    if missing := check_present(tables):
        raise RevisionRejected(missing)
    findings = check_annotations(annotations, modules, tables)
    try:
        meta = meta_of(annotations, tables)
    except RevisionRejected as rejected:
        raise RevisionRejected([*rejected.findings, *findings]) from None
    findings += check_tables(tables, meta["rules"], partial(place_in, directory))
    if findings:
        raise RevisionRejected(findings)
    return _frozen(modules, {**tables, "index": index_of(tables), "meta": meta})


def read_bundle(
    archive: bytes, *, key: VerifyKey | None = None, revision: str = ""
) -> PolicyBundle:
    """
    Read a revision from its archive, for whoever compares or asks it again.

    Args:
        archive: As :attr:`PolicyBundle.archive`, signed or not.
        key: The only key whose signature is trusted; ``None`` demands no signature.
        revision: The only revision that will do, where one is known; empty takes any.

    Raises:
        BundleNotTrusted: The key has not signed what the archive holds.
        RevisionRejected: It is no bundle of ours, or its contents are not those that its
            revision names.
    """
    files = unpack(archive)
    if key is not None:
        check_signature(files, key)
    files.pop(SIGNATURES, None)
    try:
        named = json.loads(files.pop(MANIFEST))["revision"]
        data = json.loads(files.pop(DATA))
        modules = {name.removeprefix("/"): text.decode() for name, text in files.items()}
        bundle = _frozen(modules, data)
    except (ValueError, KeyError, TypeError) as error:
        raise RevisionRejected(["the archive is not a policy bundle"]) from error
    if bundle.revision != named:
        raise RevisionRejected([f"the archive does not hold the revision it names, {named}"])
    if revision not in {"", named}:
        raise RevisionRejected([f"the archive holds {named} and not {revision}"])
    return bundle


def _frozen(modules: Mapping[str, str], data: Mapping[str, Any]) -> PolicyBundle:
    files = {f"/{p}": s.encode() for p, s in modules.items()}
    files[DATA] = _json(data).encode()
    revision = _digest(files)
    roots = sorted({*data, *(p.split("/", 1)[0] for p in modules)})
    manifest = {"revision": revision, "rego_version": 1, "roots": roots}
    files[MANIFEST] = _json(manifest).encode()
    return PolicyBundle(revision, modules, data, pack(files))


def sources_of(directory: Path) -> dict[str, str]:
    """Return every Rego file below ``directory``, tests too: relative path to text, sorted."""
    return {
        p.relative_to(directory).as_posix(): p.read_text(encoding="utf-8")
        for p in sorted(directory.rglob("*.rego"))
    }


def meta_of(
    annotations: Iterable[Annotation], tables: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """
    Return ``data.meta``: texts by rule id and by reason code.

    Raises:
        RevisionRejected: A code is owned twice, or a text is missing.
    """
    meta: dict[str, dict[str, Any]] = {"reasons": {}, "rules": {}}
    findings: list[str] = []
    for annotation in annotations:
        if annotation.code:
            kind, wanted = _kind_of(annotation.code)
            where = f"{annotation.path}:{annotation.line}"
            findings += _add(meta[kind], annotation.code, annotation.custom, wanted, where)
    for code, text in tables["reasons"]["texts"].items():
        findings += _add(meta["reasons"], code, text, _REASON_TEXTS, "reasons")
    if findings:
        raise RevisionRejected(findings)
    return {kind: dict(sorted(rows.items())) for kind, rows in meta.items()}


def _serves(path: str) -> bool:
    return not path.endswith("_test.rego") and not path.startswith("checks/")


def _kind_of(code: str) -> tuple[str, tuple[str, ...]]:
    return ("reasons", _REASON_TEXTS) if code.isupper() else ("rules", _RULE_TEXTS)


def _add(
    rows: dict[str, Any], code: str, text: Mapping[str, Any], wanted: tuple[str, ...], where: str
) -> list[str]:
    if code in rows:
        return [f"{where}: {code} is owned twice"]
    missing = [name for name in wanted if not text.get(name)]
    rows[code] = {name: text[name] for name in wanted if name not in missing}
    return [f"{where}: {code} has no {name}" for name in missing]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _digest(files: Mapping[str, bytes]) -> str:
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(hashlib.sha256(name.encode()).digest())
        total.update(hashlib.sha256(files[name]).digest())
    return f"sha256:{total.hexdigest()}"
