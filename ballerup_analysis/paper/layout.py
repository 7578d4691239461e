"""The layout of a paper as an HTML page and as a tagged PDF, from the same blocks."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import jinja2
import pikepdf
import typst

from ballerup_analysis.sources import DataError
from ballerup_analysis.words import words

HERE = Path(__file__).parent


def html(paper) -> str:
    """Return the page, whole in itself."""
    pictures = {name: base64.b64encode(svg).decode() for name, svg in paper.pictures.items()}
    return _page().render(blocks=paper.blocks, pictures=pictures, title=paper.title, told=words("notes"), seen=set())


@cache
def _page() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("page.html.jinja")


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
        raw = typst.compile(
            source, root=folder, ignore_system_fonts=True, pdf_standards=["ua-1"], timestamp=0,
            sys_inputs={"document": json.dumps(document, ensure_ascii=False)},
        )  # fmt: skip
    except typst.TypstError as error:
        raise DataError(f"the PDF cannot be set: {error}") from None
    finally:
        source.unlink()
    return _tag_more(raw)


def _tag_more(raw: bytes) -> bytes:
    """Make the first cell of a row its header, and a caption a part of its figure, which the typesetter cannot."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(raw)) as made:
        for node in [*tagged(made.Root.StructTreeRoot)]:
            if node.S in ("/TH", "/TD"):
                _tag_cell(node)
            elif node.S == "/Caption" and node.P.S == "/Div":  # beside what it tells of
                told = [one for one in tagged(node.P) if one.S in ("/Figure", "/Table")]
                node.P.K = pikepdf.Array(told)
                told[0].K.append(node)
                node.P = told[0]
        made.save(out, deterministic_id=True)
    return out.getvalue()


def _tag_cell(cell: pikepdf.Dictionary) -> None:
    """Let scopes alone say which headers a cell has: that of its column and that of its row."""
    in_table = next(one for one in cell.A if one.O == "/Table")
    if "/Headers" in in_table:
        del in_table.Headers
    if cell.S == "/TD" and cell.P.K[0].objgen == cell.objgen:
        cell.S, in_table.Scope = pikepdf.Name.TH, pikepdf.Name.Row


def tagged(node: pikepdf.Dictionary) -> Iterator[pikepdf.Dictionary]:
    """Yield every element of a PDF's structure below one."""
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from tagged(kid)
