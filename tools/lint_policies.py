"""Run OPA's own checks and the portable profile over ``policies/``, where OPA is there."""

import os
import sys
from pathlib import Path

from gateway.authoring.opa_server import find_opa
from gateway.authoring.policy_check import check_policies
from gateway.policy.rejection import RevisionRejected

_ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Print every finding; 0 when there is none, or when OPA may be absent and is."""
    opa = find_opa(_ROOT)
    if opa is None:
        print("lint: policies not checked, no OPA: run `make tools`", file=sys.stderr)
        return int(os.environ.get("CI") == "true")
    try:
        findings = check_policies(_ROOT / "policies", _ROOT / "schemas", opa)
    except RevisionRejected as rejected:
        findings = (str(rejected),)
    for finding in findings:
        print(finding, file=sys.stderr)
    return int(bool(findings))


if __name__ == "__main__":
    sys.exit(main())
