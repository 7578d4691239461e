"""The agenda item as a Word file a secretary can paste from."""

from __future__ import annotations

import io
import re
from datetime import date, datetime
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import docx
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

INK = RGBColor(0x12, 0x32, 0x4A)


def word_file(paper, day: date) -> bytes:
    """Return the file; numbers are plain text, for their notes stand in the memo."""
    made = docx.Document()
    section = made.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)
    for name, size in (("Normal", 11), ("Title", 18), ("Heading 1", 14), ("Heading 2", 12)):
        _style(made.styles[name], size, name != "Normal")
    body = made.styles["Normal"].paragraph_format
    body.space_after, body.line_spacing = Pt(6), 1.0
    told = made.core_properties
    told.title, told.language, told.author, told.comments = paper.title, "da-DK", "", ""
    told.created = told.modified = datetime(day.year, day.month, day.day)
    told.last_modified_by, told.revision = "", 1
    for block, after in zip(paper.blocks, [*paper.blocks[1:], {}], strict=True):
        _add(made, block)
        if after.get("kind") == "list":  # what introduces a list stays with it
            made.paragraphs[-1].paragraph_format.keep_with_next = True
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


def _text(parts: list[dict]) -> str:
    return re.sub(r"\s+", " ", "".join(part["text"] for part in parts)).strip()
