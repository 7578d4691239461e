"""The kinds of own files: what each is called, and its columns; and the words that are looked for in any of them."""

import tomllib
from pathlib import Path

KINDS = tomllib.loads((Path(__file__).parent / "own.toml").read_text(encoding="utf-8"))
WORDS = KINDS.pop("words")
SPELLED = {ord("æ"): "ae", ord("ø"): "oe", ord("å"): "aa"}  # as exports without Danish letters have headings
for _column in (column for kind in KINDS.values() for column in kind["columns"].values()):
    _column["heads"] += [head.translate(SPELLED) for head in _column["heads"] if head.translate(SPELLED) != head]
SURE = "; if it is right as it stands, write ja in a column 'bekræftet'"  # ends a question that this answers
