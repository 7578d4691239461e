"""The agenda item as a Word file a secretary can paste from."""

from __future__ import annotations

import io
import re
from datetime import date, datetime
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

WIDTH = 16.2  # cm between the margins
INK = RGBColor(0x12, 0x32, 0x4A)


def word_file(paper, day: date) -> bytes:
    """Return the file; numbers are plain text, for their notes stand in the memo."""
    made = docx.Document()
    section = made.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.4)
    for name, size in (("Normal", 11), ("Title", 18), ("Heading 1", 14), ("Heading 2", 12), ("Caption", 10)):
        _style(made.styles[name], size, name != "Normal")
    told = made.core_properties
    told.title, told.language, told.author, told.comments = paper.title, "da-DK", "", ""
    told.created = told.modified = datetime(day.year, day.month, day.day)
    told.last_modified_by, told.revision = "", 1
    for block in paper.blocks:
        _add(made, block)
    raw = io.BytesIO()
    made.save(raw)
    return timeless(raw)


def timeless(raw: io.BytesIO) -> bytes:
    """Return an Office file without the moment it was packed."""
    out = io.BytesIO()
    with ZipFile(raw) as packed, ZipFile(out, "w", ZIP_DEFLATED) as kept:
        for name in packed.namelist():
            kept.writestr(ZipInfo(name), packed.read(name), ZIP_DEFLATED)
    return out.getvalue()


def _style(style, size: float, heading: bool) -> None:
    style.font.name, style.font.size = "Calibri", Pt(size)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for kind in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{kind}"), None)
    fonts.set(qn("w:hAnsi"), "Calibri")
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "da-DK")
    style.element.get_or_add_rPr().append(language)
    if heading:
        style.font.bold, style.font.color.rgb = True, INK


def _add(made, block: dict) -> None:
    match block["kind"]:
        case "heading":
            made.add_heading(_text(block["parts"]), block["level"] - 1)
        case "paragraph":
            made.add_paragraph(_text(block["parts"]))
        case "list":
            for item in block["items"]:
                made.add_paragraph(_text(item), style="List Number" if block.get("ordered") else "List Bullet")
        case "facts":
            for row in block["rows"]:
                line = made.add_paragraph()
                line.add_run(f"{row['label']}: ").bold = True
                line.add_run(_text(row["parts"]))
                line.paragraph_format.space_after = Pt(0)
        case "table":
            _add_table(made, block)


def _text(parts: list[dict]) -> str:
    return re.sub(r"\s+", " ", "".join(part["text"] for part in parts)).strip()


def _widths(columns: list[dict]) -> list[float]:
    """Return the widths of columns, cm: numbers narrow, the first for a name, what is left for the others."""
    fixed = [2.0 if column["numeric"] else 4.0 if at == 0 else 0.0 for at, column in enumerate(columns)]
    free = fixed.count(0.0)
    return [width or (WIDTH - sum(fixed)) / free for width in fixed]


def _add_table(made, block: dict) -> None:
    caption = made.add_paragraph(_text(block["parts"]), style="Caption")
    caption.paragraph_format.keep_with_next = True
    grid = made.add_table(rows=1 + len(block["rows"]), cols=len(block["columns"]), style="Table Grid")
    cells = [[column["name"] for column in block["columns"]], *([one["text"] for one in row] for row in block["rows"])]
    grid.autofit = False
    widths = _widths(block["columns"])
    for column, width in zip(grid.columns, widths, strict=True):  # where Word reads the cells, others read the columns
        column.width = Cm(width)
    for y, row in enumerate(cells):
        _mark(grid.rows[y]._tr, "w:cantSplit")
        for x, text in enumerate(row):
            grid.cell(y, x).width = Cm(widths[x])
            paragraph = grid.cell(y, x).paragraphs[0]
            run = paragraph.add_run(text)
            run.font.size, run.bold = Pt(9), y == 0 or None
            if block["columns"][x]["numeric"]:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _mark(grid.rows[0]._tr, "w:tblHeader")
    made.add_paragraph()


def _mark(row, name: str) -> None:
    mark = OxmlElement(name)
    mark.set(qn("w:val"), "true")
    row.get_or_add_trPr().append(mark)
