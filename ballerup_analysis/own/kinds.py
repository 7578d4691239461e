"""The kinds of own files: what each is called, and its columns; and the words that are looked for in any of them."""

import tomllib
from pathlib import Path

KINDS = tomllib.loads((Path(__file__).parent / "own.toml").read_text(encoding="utf-8"))
WORDS = KINDS.pop("words")
SURE = "; if it is right as it stands, write ja in a column 'bekræftet'"  # ends a question that this answers
