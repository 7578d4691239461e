"""Workbooks as archives: what is in one is measured and looked at before anything is made of it."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from xml.etree import ElementTree

from ballerup_analysis.files import DataError
from ballerup_analysis.grids.grid import CELLS, TOO_MANY

UNPACKED_BYTES, PARTS = 60_000_000, 2_000
MARKS = 500_000  # and values of marks, of the parts that are no sheets: styles, names, links
MARK = 6_000_000  # bytes of a mark and of the text behind it: readers begin a long one anew with each piece of a file
MARKS_PER_CELL = 5  # of an OpenDocument sheet: a cell and its paragraph, begun and ended, and a part of its row
EXCEL_MARKS = 6  # of a cell of Excel: it, its formula and its value, begun and ended; what stands beside comes on top
SHEET = re.compile(r"content\.xml|xl/worksheets/[^/]*\.xml")
DAMAGED = "is a damaged workbook ({}); save it anew in Excel"
# No mark begins within another: what is never closed is looked through once.
REFRESHED = re.compile(rb"""<[^<]*\srefreshOnLoad\s*=\s*["'](?:1|true|[^"'<]*&)""")
TYPES, MAIN = "[Content_Types].xml", "sheet.main+xml"
PACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
FOLDERS = {"_rels/.rels": "", "xl/_rels/workbook.xml.rels": "xl"}  # what names parts, and in which folder it is
NAMED = {"officeDocument": "xl/workbook.xml", "styles": "xl/styles.xml", "theme": "xl/theme/theme1.xml", "sharedStrings": "xl/sharedStrings.xml"}  # fmt: skip
# To other workbooks, also of a range alone, a database or another program; whatever their prefix is.
LINKS = re.compile(rb"<[\w.-]+:(?:table-source|cell-range-source|database-source-\w+|dde-source)\b|(?:&apos;|')file:")


def refuse_old(raw: bytes, suffix: str) -> None:
    """Stop at an old workbook, one with macros or one with a password."""
    if suffix in (".xls", ".xlsm", ".xlsb", ".xltm") or raw[:4] == b"\xd0\xcf\x11\xe0":
        if "EncryptedPackage".encode("utf-16-le") in raw:
            raise DataError("is protected by a password; save it without one")
        raise DataError("is an old workbook or one with macros; save it as an Excel workbook (.xlsx)")


def unpack(raw: bytes) -> dict[str, bytes]:
    """Return the parts of a workbook that are XML, none longer than its archive says, all within the limit."""
    names, parts = _opened(raw)
    book = parts.get("content.xml", b"")
    if any("vbaProject" in name or name.startswith(("Basic/", "Scripts/")) for name in names):
        raise DataError("holds macros; save it as an Excel workbook (.xlsx) without them")
    if any("externalLink" in name for name in names) or LINKS.search(book):
        raise DataError("holds links to other workbooks; paste the values instead")
    if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
        raise DataError("is protected by a password; save it without one")
    if any(b"\0" in part for part in parts.values()):  # UTF-16, in which nothing below would be found
        raise DataError(DAMAGED.format("a part that is no UTF-8"))
    if any(b"<!DOCTYPE" in part or b"<!ENTITY" in part for part in parts.values()):
        raise DataError("declares entities, which no workbook does; save it anew in Excel")
    if len({"xl/workbook.xml", "content.xml"} & set(parts)) != 1:
        raise DataError("is an archive, but no workbook")
    if any(len(mark) > MARK for part in parts.values() for mark in part.split(b"<")):
        raise DataError(DAMAGED.format("a mark or text that is longer than any program writes"))
    _measure(parts, MARKS_PER_CELL * CELLS if book else EXCEL_MARKS * CELLS + MARKS)
    if not book:
        _hold_to_names(parts)
        if any(REFRESHED.search(part) for part in parts.values()):
            raise DataError("is refreshed when it is opened, and may show other figures then; paste the values instead")
    return parts


def _hold_to_names(parts: dict[str, bytes]) -> None:
    """Stop at a workbook whose parts are called otherwise than its readers here look for them: another may lie beside."""
    try:
        said = {file: [*ElementTree.fromstring(parts.get(file, b"<none/>"))] for file in (TYPES, *FOLDERS)}
    except ElementTree.ParseError as error:
        raise DataError(DAMAGED.format(error)) from None
    mains = [one.get("PartName") for one in said[TYPES] if one.get("ContentType", "").endswith(MAIN)]
    other = {"workbook"} if mains != ["/xl/workbook.xml"] else set()
    for file, folder in FOLDERS.items():
        for one in said[file]:
            kind, target = one.get("Type", "").rpartition("/")[2], one.get("Target", "")
            path = posixpath.normpath(posixpath.join("/", folder, target))
            if path != f"/{NAMED.get(kind, path[1:])}":
                other.add(kind)
    if other:
        raise DataError(DAMAGED.format(f"parts that are not called as Excel calls them: {', '.join(sorted(other))}"))


def _opened(raw: bytes) -> tuple[set[str], dict[str, bytes]]:
    """Return the names of an archive, and its parts that are XML."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            entries = archive.infolist()
            if len(entries) > PARTS or sum(entry.file_size for entry in entries) > UNPACKED_BYTES:
                raise DataError("unpacks to more than a table of figures can hold; save it anew with that sheet alone")
            if any(entry.flag_bits & 1 for entry in entries):
                raise DataError("is protected by a password; save it without one")
            names = {entry.filename for entry in entries}
            if len(names) < len(entries):
                raise DataError(DAMAGED.format("a part twice"))
            if not {entry.compress_type for entry in entries} <= PACKED:
                raise DataError(DAMAGED.format("a part packed otherwise than in workbooks"))
            xml = [entry for entry in entries if entry.filename.endswith((".xml", ".rels", ".vml"))]
            return names, {entry.filename: _read(archive, entry) for entry in xml}
    except DataError:
        raise
    except Exception as error:  # as of a damaged workbook
        raise DataError(DAMAGED.format(type(error).__name__)) from None


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Return a part; no more of it is unpacked than the archive says there is."""
    with archive.open(entry) as part:
        return part.read(entry.file_size)


def _measure(parts: dict[str, bytes], most: int) -> None:
    """Stop where the sheets have more marks than this, or the other parts than is read."""
    sheets = {name for name in parts if SHEET.fullmatch(name)}
    if sum(parts[name].count(b"<") for name in sheets) > most:
        raise DataError(TOO_MANY)
    marks = {name: parts[name].count(b"<") + parts[name].count(b"=") for name in parts.keys() - sheets}
    if sum(marks.values()) > MARKS:
        longest = max(marks, key=marks.get)
        raise DataError(f"holds more than {MARKS} marks in {longest[:60]!r}; save it anew with the table's sheet alone")


def repack(parts: dict[str, bytes]) -> io.BytesIO:
    """Return the parts as an archive that holds nothing else: what its reader unpacks has been measured."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    packed.seek(0)
    return packed
