"""The layout of a paper as an HTML page and as a tagged PDF, from the same blocks."""

from __future__ import annotations

import base64
import json
from datetime import date
from pathlib import Path

import jinja2
import typst

from ballerup_analysis.sources import DataError
from ballerup_analysis.words import words

HERE = Path(__file__).parent


def html(paper) -> str:
    """Return the page, whole in itself."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    pictures = {name: base64.b64encode(svg).decode() for name, svg in paper.pictures.items()}
    page = environment.get_template("page.html.jinja")
    return page.render(blocks=paper.blocks, pictures=pictures, title=paper.title, told=words("notes"), seen=set())


def pdf(paper, day: date, folder: Path) -> bytes:
    """Return the PDF, tagged for PDF/UA-1 and dated with the data; figures are read from ``folder``."""
    document = {
        "title": paper.title,
        "blocks": paper.blocks,
        "told": words("notes"),
        "date": [day.year, day.month, day.day],
    }
    source = folder / "page.typ"
    source.write_bytes((HERE / "page.typ").read_bytes())
    try:
        return typst.compile(
            source, root=folder, ignore_system_fonts=True, pdf_standards=["ua-1"], timestamp=0,
            sys_inputs={"document": json.dumps(document, ensure_ascii=False)},
        )  # fmt: skip
    except typst.TypstError as error:
        raise DataError(f"the PDF cannot be set: {error}") from None
    finally:
        source.unlink()
