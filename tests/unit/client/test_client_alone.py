"""A member's desk has `cryptography`, `joserfc`, `httpx2` and Python, and nothing else."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]

DESK = """
import sys
ALLOWED = {
    "gateway", "cryptography", "joserfc", "cffi", "_cffi_backend", "pycparser",
    "httpx2", "httpcore2", "h11", "anyio", "idna", "truststore", "typing_extensions",
}

class Nothing:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in ALLOWED and top not in sys.stdlib_module_names:
            raise ImportError(f"{name} is not on this desk")

sys.meta_path.insert(0, Nothing())
import pkgutil
import gateway.client as room
for module in pkgutil.iter_modules(room.__path__, "gateway.client."):
    __import__(module.name)
from pathlib import Path
from gateway.client import Desk, DeskConfig, GatewayUnreachable, create_desk_keys
from gateway.crypto.keys import generate_log_key
from gateway.crypto.signed_note import NoteSigner

here = Path(sys.argv[1])
create_desk_keys(here / "keys")
vkey = NoteSigner("gw.example/audit", generate_log_key()).key.to_text()
config = DeskConfig(
    gateway="http://127.0.0.1:1", origin="https://gw.example", client_id="s", agency="npo",
    actor="a", keys_dir=here / "keys", state_dir=here / "state", log_vkeys=(vkey,),
    retry_waits_s=(),
)
try:
    with Desk.open_at(config) as desk:
        desk.subject("case-1")
except GatewayUnreachable:
    reached = "nobody"
try:
    import pydantic
except ImportError:
    print("alone", reached)
lower = {m.split(".")[1] for m in sys.modules if m.startswith("gateway.") and m.count(".") > 1}
print(sorted(lower))
"""


def test_room_imports_and_works_with_nothing_else_installed(tmp_path: Path) -> None:
    run = subprocess.run(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-c", DESK, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    rooms = "['audit', 'client', 'crypto', 'domain', 'minimisation', 'ports']"
    assert ("", f"alone nobody\n{rooms}\n") == (run.stderr, run.stdout)
