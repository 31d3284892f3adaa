"""The description of the HTTP API as one document: the files of docs/openapi/, put together.

As a program it writes the document as JSON: `openapi.py FILE`.
"""

import json
import pathlib
import sys

import yaml

PARTS = pathlib.Path(__file__).resolve().parents[1] / "docs/openapi"


def document():
    """All parts as one; two that say the same thing are a mistake."""
    whole = {}
    for part in sorted(PARTS.glob("*.yaml"), key=lambda path: (path.stem != "earshelf", path.stem)):
        merge(whole, yaml.safe_load(part.read_text()), part.name)
    return whole


def merge(whole, part, place):
    for name, value in part.items():
        if name not in whole:
            whole[name] = value
        elif isinstance(value, dict) and isinstance(whole[name], dict) and "$ref" not in value:
            merge(whole[name], value, f"{place}/{name}")
        else:
            raise ValueError(f"{place}/{name} is said twice")


def plain():
    """As JSON can say it: what YAML reads as a time is a text again."""
    return json.loads(json.dumps(document(), default=str))


if __name__ == "__main__":
    pathlib.Path(sys.argv[1]).write_text(json.dumps(plain(), separators=(",", ":")))
