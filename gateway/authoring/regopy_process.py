"""
The process in which regopy answers: one JSON object on a line in, one out.

The first line brings the rules, the data document and the path to answer; each further line is
an input. An answer is ``{"value": …}``, ``null`` where the path is undefined, or ``{"error": …}``.
Started by :mod:`gateway.authoring.regopy_engine` alone. regopy comes first: whatever brings
another allocator before it makes it leak.
"""

import regopy  # isort: skip

import json
import os
import sys
from typing import Any

__all__ = ["main"]


def main() -> None:
    """Answer until the input ends."""
    # The library writes what it does not understand to standard output: answers go past it.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    rego = regopy.Interpreter()
    bundle: Any = None
    path = ""
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        try:
            if bundle is None:
                path = asked["path"]
                bundle = _built(rego, asked)
                said: Any = None
            else:
                rego.set_input_term(json.dumps(asked, ensure_ascii=False))
                said = _value(rego.query_bundle_entrypoint(bundle, path))
            answer = {"value": said}
        except (regopy.RegoError, ValueError) as error:
            answer = {"error": str(error)[:2000]}
        answers.write(json.dumps(answer, ensure_ascii=False) + "\n")
        answers.flush()


def _built(rego: Any, asked: Any) -> Any:
    for name, source in asked["modules"].items():
        rego.add_module(name, source)
    rego.add_data_json(asked["data"])
    bundle = rego.build(None, [asked["path"]])
    if not bundle.ok():
        raise ValueError("it does not build the rules")
    return bundle


def _value(output: Any) -> Any:
    text = str(output)
    if text == "undefined":
        return None
    said = json.loads(text)
    found = said["expressions"] if isinstance(said, dict) else []
    return found[0] if found else None


if __name__ == "__main__":
    main()
