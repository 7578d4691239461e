"""The kinds of own files: what each is called, and its columns."""

import tomllib
from pathlib import Path

KINDS = tomllib.loads((Path(__file__).parent / "own.toml").read_text(encoding="utf-8"))
