"""What a person sees beside the cells of a sheet, and no reader of cells does: comments, drawings, hints, headers and footers."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Container, Iterable, Iterator
from xml.etree import ElementTree

from ballerup_analysis.grids.grid import COLUMNS, LENGTH, OFFICE, ROWS, TABLE, TEXT, YES, place_of

ADDRESS = re.compile(r"([A-Z]{1,3})(\d{1,7})")
MOST = 50  # texts beside a sheet that are told
SHAPES = {
    "cxnSp": "drawing",
    "sp": "text box",
    "graphicFrame": "chart",
    "pic": "picture",
    "contentPart": "picture",
}  # of Excel
DRAW, XLINK = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}", "{http://www.w3.org/1999/xlink}"
COMMENTS = ("/comments", "/threadedComment")
EMBEDDED = ("/oleObject", "/package", "/control")  # what another program draws
TABLES = ("/table", "/pivotTable")
OLD = re.compile(rb"""ObjectType=["'](\w+)""")  # of a shape of an old drawing: a comment is a Note
TITLES = ("title", "subtitle")  # of a chart and its axes
GROUPS = ("g", "a")  # of OpenDocument's shapes: several together, or one that is a link
# Of a header in Excel: a font, a colour, a size, a side, a page's number, and & itself.
CODES = re.compile(r'&(?:"[^"]*"|K(?:[\dA-Fa-f]{6}|\d\d[+-]\d{3})|\d+|(&)|.)', re.DOTALL)
FIELDS = ("sheet-name", "page-number", "page-count", "date", "time", "file-name")  # of OpenDocument's
PAGES = re.compile(r"(?:side|page|ark|sheet|af|of|[\W_])*", re.IGNORECASE)  # what is left where pages are counted
LONG = 4 * LENGTH  # of a header with its codes, of which Excel writes 255 characters


class Gathered:
    """The elements of some names that stand beside the cells of a sheet, each whole, as it is met part by part."""

    def __init__(self, names: Container[str]):
        self.names, self.found, self.builder, self.depth = names, [], None, 0

    def start(self, name: str, told: dict[str, str]) -> None:
        """Meet the start of an element."""
        if self.builder or name in self.names:
            self.builder = self.builder or ElementTree.TreeBuilder()
            self.builder.start(name, told)
            self.depth += 1

    def end(self, name: str) -> None:
        """Meet the end of an element."""
        if self.builder:
            self.builder.end(name)
            self.depth -= 1
            if not self.depth:
                self.found.append(self.builder.close())
                self.builder = None


class Linked:
    """The comments and drawings of an Excel workbook, in parts that its sheets name; each is looked through once."""

    def __init__(self, parts: dict[str, bytes]):
        self.parts, self.links, self.places, self.shapes, self.titles = parts, {}, {}, {}, {}

    def comments(self, sheet: str) -> set[tuple[int, int]]:
        """Return the (row, column) of each comment of a sheet, which is told by its part."""
        return set().union(*(self._places(part) for kind in COMMENTS for part in self._named(sheet, kind)))

    def tables(self, sheet: str) -> list[ElementTree.Element]:
        """Return the tables of a sheet, which is told by its part, those of a pivot among them."""
        return [_root(self.parts, part) for kind in TABLES for part in sorted(self._named(sheet, kind))]

    def drawn(self, sheet: str) -> tuple[tuple[str, str], ...]:
        """Return what is drawn on a sheet, which is told by its part: what it is, and its text."""
        behind = [("picture", "")] * bool(self._named(sheet, "/image"))
        old = (one for part in self._named(sheet, "/vmlDrawing") for one in OLD.findall(self.parts.get(part, b"")))
        behind += [("drawing", "")] * (
            any(one != b"Note" for one in old) or any(self._named(sheet, k) for k in EMBEDDED)
        )
        shapes = (self._shapes(part) for part in sorted(self._named(sheet, "/drawing")))
        return tuple(itertools.islice(itertools.chain(behind, *shapes), MOST))

    def _named(self, part: str, kind: str) -> set[str]:
        """Return the parts of a kind that a part names."""
        return {target for what, target in self._links(part).values() if what.endswith(kind)}

    def _links(self, part: str) -> dict[str, tuple[str, str]]:
        """Return the kind and the part of each link of a part."""
        if part not in self.links:
            folder, file = posixpath.split(part)
            rels = self.parts.get(f"{folder}/_rels/{file}.rels")
            told = ElementTree.fromstring(rels) if rels else ()
            self.links[part] = found = {}
            for n, one in enumerate(told):
                target = posixpath.normpath(posixpath.join("/", folder, one.get("Target", "")))[1:]
                name = one.get("Id", "")
                found[f"{n} {name}" if name in found else name] = one.get("Type", ""), target
        return self.links[part]

    def _places(self, part: str) -> set[tuple[int, int]]:
        """Return where the comments of a part stand."""
        if part not in self.places:
            root = ElementTree.fromstring(self.parts.get(part, b"<x/>"))
            refs = (ADDRESS.fullmatch(one.get("ref", "")) for one in root.iter() if _name(one).endswith("omment"))
            found = {(int(ref[2]), place_of(ref[1])) for ref in refs if ref}
            self.places[part] = {(row, column) for row, column in found if row <= ROWS and column <= COLUMNS}
        return self.places[part]

    def _shapes(self, part: str) -> list[tuple[str, str]]:
        """Return the shapes of a drawing that hold a text or are a picture or a chart."""
        if part not in self.shapes:
            told = ((SHAPES[_name(one)], one) for one in _outermost(_root(self.parts, part), SHAPES))
            said = ((kind, self._title(part, one) if kind == "chart" else _said(one)) for kind, one in told)
            said = (("drawing", "") if one == ("text box", "") else one for one in said)
            self.shapes[part] = list(itertools.islice(said, MOST))
        return self.shapes[part]

    def _title(self, drawing: str, frame: ElementTree.Element) -> str:
        """Return the titles of the chart that a shape of a drawing shows, and of its axes; nothing where it cannot be found."""
        named = (one for one in frame.iter() if _name(one) == "chart")
        ids = [value for one in named for key, value in one.attrib.items() if key.endswith("}id")]
        part = self._links(drawing).get(ids[0] if ids else "", ("", ""))[1]
        if part not in self.titles:
            self.titles[part] = _joined(map(_said, _outermost(_root(self.parts, part), TITLES)))
        return self.titles[part]


def headers(node: ElementTree.Element) -> tuple[tuple[str, str], ...]:
    """Return the headers and footers of an Excel sheet, without what they say of font, place and page.

    Examples
    --------
    >>> headers(ElementTree.fromstring('<x><oddHeader>&amp;L&amp;"Arial"&amp;12Foreløbige tal</oddHeader></x>'))
    (('header', 'Foreløbige tal'),)
    """
    texts = [(_name(one)[-6:].lower(), (one.text or "")[:LONG]) for one in node]
    drawn = [("picture", "")] * any("G" in re.findall("&(.)", text) for _, text in texts)
    return (*_worded((kind, CODES.sub(_literal, text)) for kind, text in texts), *drawn)


def hints(nodes: Iterable[ElementTree.Element]) -> Iterator[tuple[str, str]]:
    """Yield what is shown where a person selects a cell of Excel that may hold some values alone, or points at a link.

    Examples
    --------
    >>> [*hints([ElementTree.fromstring('<hyperlink tooltip="Beløb i mio. kr."/>')])]
    [('hint', 'Beløb i mio. kr.')]
    """
    for node in nodes:
        told = [node.get("tooltip", "")]
        if node.get("showInputMessage") in YES:
            told += [node.get("promptTitle", ""), node.get("prompt", "")]
        if text := _cut(" ".join(told)):
            yield "hint", text


def spoken_hints(book: ElementTree.Element) -> Iterator[tuple[str, str]]:
    """Yield as :func:`hints` of an OpenDocument file, whose rules for cells are of no sheet."""
    for rule in book.iter(f"{TABLE}help-message"):
        if rule.get(f"{TABLE}display") == "true" and (text := _cut(f"{rule.get(f'{TABLE}title', '')} {_spoken(rule)}")):
            yield "hint", text
    for link in book.iter(f"{TEXT}a"):
        if text := _cut(link.get(f"{OFFICE}title", "")):
            yield "hint", text


def _literal(code: re.Match) -> str:
    return "&" if code[1] else " " if code[0] in ("&L", "&C", "&R") else ""


def _worded(told: Iterator[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return headers and footers that say more than which page of how many it is, each once."""
    told = ((kind, _cut(text)) for kind, text in told if kind in ("header", "footer"))
    return tuple(itertools.islice(dict.fromkeys(one for one in told if not PAGES.fullmatch(one[1])), MOST))


def drawings(node: ElementTree.Element, parts: dict[str, bytes], titles: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what is drawn in a cell or on a sheet of OpenDocument; ``titles`` keeps those of charts, by part."""
    for shape in node:
        if not shape.tag.startswith(DRAW):
            continue
        if _name(shape) in GROUPS:
            yield from drawings(shape, parts, titles)
            continue
        inner = {_name(one): one for one in reversed(shape)}
        if "object" in inner:
            yield "chart", _chart(inner["object"], parts, titles)
        elif text := _spoken(shape):
            yield "text box", text
        else:
            yield "picture" if "image" in inner else "drawing", ""


def _chart(node: ElementTree.Element, parts: dict[str, bytes], titles: dict[str, str]) -> str:
    part = posixpath.normpath(f"{node.get(f'{XLINK}href', '')}/content.xml")
    if part not in titles:
        titles[part] = _joined(map(_spoken, _outermost(_root(parts, part), TITLES)))
    return titles[part]


def pages(styles: ElementTree.Element) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return the headers and footers of each kind of page of an OpenDocument file, by its name."""
    found = {}
    for page in itertools.islice(styles.iterfind("{*}master-styles/{*}master-page"), MOST):
        heads = [one for one in page if _told(one, "display") != "false"]
        for field in (one for head in heads for one in head.iter() if _name(one) in FIELDS):
            field.text, field[:] = "", []
        said = ((_name(one).removesuffix("-left").removesuffix("-first"), _spoken(one)) for one in heads)
        found[_told(page, "name")] = _worded(said)
    return found


def _told(node: ElementTree.Element, what: str) -> str:
    return node.get(f"{node.tag.rpartition('}')[0]}}}{what}", "")


def _spoken(node: ElementTree.Element) -> str:
    """Return the paragraphs of a shape or a header of OpenDocument, joined by spaces."""
    return _cut(" ".join("".join(one.itertext()) for one in _outermost(node, ("p", "h"))))


def _said(node: ElementTree.Element) -> str:
    """Return the paragraphs of a shape or a title of Excel, joined by spaces."""
    told = (
        " " if _name(one) in ("p", "br") else one.text or ""
        for one in node.iter()
        if _name(one) in ("p", "br", "t", "v")
    )
    return _cut("".join(told))


def _joined(texts: Iterable[str]) -> str:
    return _cut("; ".join(itertools.islice(filter(None, texts), MOST)))


def _cut(text: str) -> str:
    return " ".join(text.split())[:LENGTH]


def _outermost(root: ElementTree.Element, names: Container[str]) -> Iterator[ElementTree.Element]:
    """Yield the elements of some names that stand in no other of them."""
    waiting = [*reversed(root)]
    while waiting:
        node = waiting.pop()
        if _name(node) in names:
            yield node
        else:
            waiting += reversed(node)


def _name(node: ElementTree.Element) -> str:
    return node.tag.rpartition("}")[2]


def _root(parts: dict[str, bytes], name: str) -> ElementTree.Element:
    """Return what a part holds; nothing where there is none, or where it is damaged."""
    try:
        return ElementTree.fromstring(parts.get(name, b"<none/>"))
    except ElementTree.ParseError:
        return ElementTree.Element("none")
