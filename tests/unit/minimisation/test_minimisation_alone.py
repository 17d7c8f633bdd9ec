"""A member's desk runs these transforms with the standard library alone."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

PROGRAM = """
import pkgutil, sys
sys.path.insert(0, sys.argv[1])
import gateway.minimisation as room
for module in pkgutil.iter_modules(room.__path__, "gateway.minimisation."):
    __import__(module.name)
    print(module.name)
foreign = {m.split(".")[0] for m in sys.modules} - set(sys.stdlib_module_names)
print(sorted(foreign - {"gateway", "__main__"}))
"""


def test_every_module_of_the_room_imports_without_installed_packages() -> None:
    run = subprocess.run(  # noqa: S603 -- this interpreter, this program
        [sys.executable, "-I", "-S", "-c", PROGRAM, str(ROOT)],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )

    *modules, foreign = run.stdout.split("\n")[:-1]
    assert "gateway.minimisation.record_check" in modules
    assert "[]" == foreign
