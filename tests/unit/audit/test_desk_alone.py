"""A member's desk has `cryptography`, `joserfc` and Python; sealing and checking work there."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]

DESK = """
import sys
ALLOWED = {"gateway", "cryptography", "joserfc", "cffi", "_cffi_backend", "pycparser"}

class Nothing:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in ALLOWED and top not in sys.stdlib_module_names:
            raise ImportError(f"{name} is not on this desk")

sys.meta_path.insert(0, Nothing())
import gateway.audit.entry, gateway.audit.export, gateway.audit.fsck, gateway.audit.tree
import gateway.audit.verify, gateway.crypto.jwt, gateway.crypto.key_files, gateway.crypto.pseudonym
from gateway.crypto.keys import generate_sealing_key, generate_signing_key
from gateway.crypto.binding import Binding
from gateway.crypto.sealing import SignedRecord, open_sealed, seal

key, sender = generate_sealing_key(), generate_signing_key()
bound = Binding("gw.example", "d", "npo", "city", bytes(32), frozenset({"a.b"}))
envelope = seal(SignedRecord({"a.b": 1}), bound, recipient_key=key.public(), signer=sender)
opened = open_sealed(envelope, bound, key=key, senders=[sender.public()])
assert opened.fields == {"a.b": 1}
try:
    import rfc8785
except ImportError:
    print("alone")
"""


def test_rooms_import_and_work_with_nothing_else_installed() -> None:
    run = subprocess.run(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-c", DESK], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert ("alone\n", "") == (run.stdout, run.stderr)
