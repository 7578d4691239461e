"""Files of other people: opened within limits, their text checked; files of our own: written whole or not at all."""

from __future__ import annotations

import codecs
import contextlib
import datetime as dt
import os
import re
import secrets
import stat
import time
import tomllib
import unicodedata
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

ROOT = Path(__file__).parents[1]
TEXT_BYTES, BOOK_BYTES, TOML_BYTES = 1_000_000, 5_000_000, 100_000  # no scenario is as long; its parser is slow
DEPTH, LENGTH, GREATEST = 8, 4_000, 1e15  # of a TOML file: levels, characters of a text, size of a number
STALE_SECONDS = 3600
SAID, WORD, LINE, TAIL, CUT = 100, 256, 4_000, 1_000, "…"  # characters of a value, word and line a message repeats
# As Python quotes a value, not an apostrophe inside a word; a little over the limit is left as it is.
_VALUE = re.compile(rf"(?<!\w)(['\"])((?:\\.|(?!\1)[^\\\n]){{{SAID}}})(?:\\.|(?!\1)[^\\\n]){{20,}}\1(?!\w)")
_WORD = re.compile(rf"([^\s/\\'\"]{{{SAID}}})[^\s/\\'\"]{{{WORD - SAID},}}")
# What a Danish paper prints and its fonts hold: Latin, Greek, Cyrillic, punctuation, signs. No control characters, nothing
# that turns or hides text, no private use, no emoji.
SIGNS = "‐‑‒–—‘’‚“”„†‡•…‰′″‹›⁄€№™−≈≠≤≥←↑→↓⅓⅔⅛⅜⅝⅞\u2007\u2009\u202f☹☺"  # noqa: RUF001
_FOREIGN = re.compile(rf"[^\t\n\r -~\xa0-\xac\xae-\u017f\u0391-\u03a1\u03a3-\u03c9\u0410-\u044f{SIGNS}]")
# Texts and comments. One that is not closed, which is no TOML, takes the rest too, or each mark would have it read again.
_QUOTED = re.compile(
    r'"""(?:\\.|[^\\])*?(?:"{3,5}|\\?\Z)'
    + r"|'''.*?(?:'{3,5}|\Z)"
    + r'|"(?:\\.|[^"\\\n])*"?'
    + r"|'[^'\n]*+'?|#[^\n]*",
    re.DOTALL,
)
# Danish letters, dashes and quotation marks as UTF-8 and UTF-7 write them: no other set has these bytes side by side.
_UTF8 = re.compile(rb"\xc3(?:[\x85\x86\x98\xa5\xa6\xa9\xb8]|\Z)|\xe2\x80")
_UTF7 = re.compile(rb"\+A(?:OY|Pg|OU|MY|Ng|MU)")
_FORMULA = re.compile(r"(?:^|[;,\t]) ?(?=[=+@-])")  # where a cell begins as one, in whatever list separator
_ESCAPED = re.compile(r"_x[0-9A-Fa-f]{4}_")  # a workbook's way to write a sign
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}\.\d\d0")  # as a Dane writes a thousand, or another one with its decimals
_COMMA = re.compile(r"=\s*([-+]?\d+),(\d+)\s*(?:#.*)?$")  # a decimal as a Dane writes it
_DOTTED = re.compile(rf"(?<![\w-])[\w-]++(?:\s*+\.\s*+[\w-]++){{{DEPTH},}}")


class DataError(ValueError):
    """A table or file that is unknown, changed, malformed or beyond the limits.

    What it repeats of a file or an address is cut, so that a value without end leaves room for what is wrong with it.

    Examples
    --------
    >>> str(DataError(f"there is no baseline {'1' * 3000!r}; there is own"))[100:]
    "1111111111111111111111…'; there is own"
    """

    def __init__(self, *told):
        super().__init__(*(_cut(one) if isinstance(one, str) else one for one in told))


def _cut(message: str) -> str:
    """Cut quoted values, words that are no path, and whole lines that are longer than anybody reads."""
    message = _WORD.sub(rf"\1{CUT}", _VALUE.sub(rf"\1\2{CUT}\1", message))
    lines = message.split("\n")
    return "\n".join(one if len(one) <= LINE else f"{one[: LINE - TAIL]} {CUT} {one[-TAIL:]}" for one in lines)


def read_bytes(path: Path, limit: int = TEXT_BYTES) -> bytes:
    """Return what a file holds, which is looked at for its size before it is opened.

    Parameters
    ----------
    path : pathlib.Path
        An ordinary file.
    limit : int
        Most bytes.

    Raises
    ------
    DataError
        When it is not there, cannot be opened, is no ordinary file or is larger.

    Examples
    --------
    >>> read_bytes(ROOT / "LICENSE")[:3]
    b'MIT'
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise DataError(f"{path} is no file")
        if status.st_size > limit:
            size, most = (f"{n / 1e6:.1f} MB".replace(".", ",") for n in (status.st_size, limit))
            raise DataError(f"{path} holds {size}; at most {most} are read")
        with path.open("rb") as file:
            return file.read(limit)
    except (OSError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{path} cannot be read ({getattr(error, 'strerror', None) or error})") from None


def decode(raw: bytes) -> str:
    """Return text in any encoding that Excel writes: UTF-8, UTF-16, or the one-byte set with most Danish letters.

    Raises
    ------
    DataError
        When it is UTF-8 in part, or UTF-7: its letters would be read as others without a word.

    Examples
    --------
    >>> [decode("Fleksjob på Ærø".encode(e)) for e in ("cp1252", "utf-16", "cp850")] == ["Fleksjob på Ærø"] * 3
    True
    """
    return unicodedata.normalize("NFC", _decoded(raw))


def decoded(raw: bytes, name: Path | str) -> str:
    """Return what :func:`decode` does of a file that has a name, which is told with what is wrong."""
    try:
        return decode(raw)
    except DataError as error:
        raise DataError(f"{name} {error}") from None


def _decoded(raw: bytes) -> str:
    if raw.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise DataError("is saved as UTF-32; save it as UTF-8")
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", errors="replace")
    if b"\0" in raw[:200]:
        first, second = (raw[at:200:2].count(0) for at in (0, 1))
        if 4 * max(first, second) < len(raw[:200]):  # of two bytes a letter, most have one that is nothing
            raise DataError("holds bytes of nothing (NUL), which no text does; save it anew as UTF-8")
        return raw.decode("utf-16-le" if second > first else "utf-16-be", errors="replace")
    if _UTF7.search(raw):
        raise DataError("is saved as UTF-7; save it as UTF-8")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if _UTF8.search(raw):
            line = 1 + len(re.findall(rb"\r\n?|\n", raw[: error.start]))
            raise DataError(f"is UTF-8, but line {line} holds a byte that is not; save it as UTF-8 anew") from None
        readings = [raw.decode(one, errors="replace") for one in ("cp1252", "cp850", "mac_roman")]
        return max(readings, key=lambda text: sum(text.count(letter) for letter in "æøåÆØÅé"))


def foreign(text: str) -> str:
    r"""Name the first character that no Danish paper prints, by code point; nothing when there is none.

    Control characters, what turns or hides text (bidirectional marks, zero width), private use, emoji.

    Examples
    --------
    >>> foreign("Ærø: 7,6 mio. kr. – «ca.» ½"), foreign("a\u202eb")
    ('', 'U+202E (RIGHT-TO-LEFT OVERRIDE)')
    """
    match = _FOREIGN.search(text)
    if not match:
        return ""
    name = unicodedata.name(match[0], "")  # a control character has none
    return f"U+{ord(match[0]):04X}" + (f" ({name})" if name else "")


def one_line(text: str) -> str:
    r"""Return a text that may hold any character on one line, as :func:`printable`: what is said of a file's own words.

    Examples
    --------
    >>> one_line("a\nb\u202e")
    'a b‹U+202E›'
    """
    return printable(" ".join(text.split()))


def printable(text: str) -> str:
    r"""Return a text in which the code point stands for each character that no Danish paper prints; see :func:`foreign`.

    Examples
    --------
    >>> printable("a\u202eb")
    'a‹U+202E›b'
    """
    return _FOREIGN.sub(lambda found: f"‹U+{ord(found[0]):04X}›", text)


def no_formula(text: str) -> str:
    """Return a text as a spreadsheet that opens a CSV file does not compute it: an apostrophe stands before what begins as a formula.

    Examples
    --------
    >>> no_formula("=1+1"), no_formula("Drift; =1+2"), no_formula("Kontanthjælp - over 30")
    ("'=1+1", "Drift; '=1+2", 'Kontanthjælp - over 30')
    """
    return _FORMULA.sub(r"\g<0>'", text)


def read_text(path: Path, limit: int = TEXT_BYTES) -> str:
    """Return the text of a file of at most ``limit`` bytes, every character of which can be printed.

    Raises
    ------
    DataError
        Also for a character that cannot, with its line, place and code point.

    Examples
    --------
    >>> read_text(ROOT / "LICENSE").splitlines()[0]
    'MIT License'
    """
    text = decoded(read_bytes(path, limit), path)
    for number, line in enumerate(re.split(r"\r\n?|\n", text), start=1):  # no other sign ends a line
        if match := _FOREIGN.search(line):
            raise DataError(f"{path}, line {number}, character {match.start() + 1}: {foreign(line)} cannot be printed")
    return text


def parse_toml(text: str, where: str) -> dict:
    """Return what TOML text holds; DataError, beginning with ``where``, for what is deep, long or cannot be printed.

    Numbers must be finite, texts printable and of at most 4.000 characters. The depth is looked at before anything is
    parsed: a key of many parts costs the parser the square of them.

    Examples
    --------
    >>> parse_toml('name = "x"', "x.toml")
    {'name': 'x'}
    >>> parse_toml(f"{'a.' * 20}b = 1", "x.toml")
    Traceback (most recent call last):
    ...
    ballerup_analysis.files.DataError: x.toml is nested more than 8 deep
    """
    if len(text) > TOML_BYTES:
        raise DataError(f"{where} has {len(text)} characters; at most {TOML_BYTES} are read")
    bare = _QUOTED.sub(" q ", text)  # no bracket of a text or comment counts
    depth = deepest = 0
    for sign in re.findall(r"[\[{\]}]", bare):
        depth += 1 if sign in "[{" else -1
        deepest = max(deepest, depth)
    if deepest > DEPTH or _DOTTED.search(bare):
        raise DataError(f"{where} is nested more than {DEPTH} deep")
    try:
        told = tomllib.loads(text, parse_float=_decimal)
    except DataError as error:
        raise DataError(f"{where} {error}") from None
    except (ValueError, RecursionError, OverflowError) as error:
        told = "a number has more digits than any amount" if "int_max_str_digits" in str(error) else str(error)
        line = re.search(r"\(at line (\d+), column \d+\)$", told)
        there = text.splitlines()[int(line[1]) - 1].strip()[:60] if line else ""
        comma = _COMMA.search(there)
        hint = f"; write {comma[1]}.{comma[2]}, with a point" if comma else ""
        raise DataError(f"{where} is no TOML: {told}{there and ': '}{there}{hint}") from None
    for trail, value in _leaves(told, ()):
        if wrong := unsound(value):
            raise DataError(f"{where}, {'.'.join(trail)} {wrong}")
    return told


def _decimal(text: str) -> float:
    if _THOUSANDS.fullmatch(text):  # no program writes the last zero
        larger, smaller = text.replace(".", ""), text.rstrip("0").rstrip(".")
        raise DataError(f"holds {text}, which may be a thousand or one; write {larger} or {smaller}")
    return float(text)


def _leaves(value, trail: tuple[str, ...]) -> Iterator[tuple]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield (*trail, "a key"), key
            yield from _leaves(one, (*trail, key))
    elif isinstance(value, list):
        for place, one in enumerate(value, start=1):
            yield from _leaves(one, (*trail, str(place)))
    else:
        yield trail, value


def as_typed(value) -> str:
    """Return a value as a file or a notebook has it: a date as a person writes it, a text in quotation marks.

    Examples
    --------
    >>> as_typed(dt.date(2020, 1, 1)), as_typed("2020")
    ('2020-01-01', "'2020'")
    """
    return str(value) if isinstance(value, dt.date) else repr(value)


def unsound(value) -> str:
    """Say what is wrong with a text or number of a file: too long, too large, or nothing a paper can print.

    Examples
    --------
    >>> unsound("Ærø"), unsound(float("inf"))
    ('', 'must be a finite number below 1e+15')
    """
    if isinstance(value, str):
        if sign := _ESCAPED.search(value):
            return f"holds {sign[0]}, which a workbook shows as another sign"
        if len(value) > LENGTH:
            return f"has {len(value)} characters; at most {LENGTH} are read"
        return f"holds {told}, which cannot be printed" if (told := foreign(value)) else ""
    if isinstance(value, int | float) and not abs(value) <= GREATEST:  # as nan
        return f"must be a finite number below {GREATEST:g}"
    return ""


def write_aside(path: Path, text: str | bytes) -> None:
    """Write a file beside its place, then swap it in, so that it is whole or untouched; DataError where it cannot be.

    Every writer writes beside under a name of its own; the rights of a file that is there stay. A link that leads out of
    the checkout is not followed.
    """
    place = _inside(path)
    aside = place.with_name(f"{place.name}.{secrets.token_hex(4)}.new")
    try:
        os.close(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        try:
            aside.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
            keep_rights(place, aside)
            _clear(place, aside.stat().st_mtime)
            aside.replace(place)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise DataError(f"{path} cannot be written ({error.strerror}); what stood there before still does") from None


def keep_rights(old: Path, new: Path) -> None:
    """Give what takes a place the rights and the group of what stands there, if anything does."""
    if old.exists():
        was = old.stat()
        with contextlib.suppress(OSError, AttributeError):  # a group this user is not in; Windows
            os.chown(new, -1, was.st_gid)
        new.chmod(stat.S_IMODE(was.st_mode))


def make_folder(path: Path) -> None:
    """Make a folder and those above it, where they are not there; not behind a link out of the checkout."""
    try:
        _inside(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"{path} cannot be made ({error.strerror})") from None


def remove(path: Path) -> None:
    """Delete a file; one that a link out of the checkout leads to is left, with a DataError, as in :func:`write_aside`."""
    _inside(path)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise DataError(f"{path} cannot be deleted ({error.strerror})") from None


def _inside(path: Path) -> Path:
    """Return where a path leads; a DataError when it lies in the checkout and leads out of it."""
    lies, leads = Path(os.path.abspath(path)), path.resolve()
    if lies.is_relative_to(ROOT) and not leads.is_relative_to(ROOT.resolve()):
        raise DataError(
            f"{path} is or lies behind a link out of the project, to {leads}; nothing was written or deleted"
        )
    return leads


def _clear(place: Path, now: float) -> None:
    """Take away what writers that were killed left beside a file."""
    pattern = re.compile(re.escape(place.name) + r"\.[0-9a-f]{8}\.new")
    for other in place.parent.iterdir():
        if pattern.fullmatch(other.name):
            with contextlib.suppress(OSError):
                if now - other.stat().st_mtime > STALE_SECONDS:
                    other.unlink()


@contextlib.contextmanager
def locked(path: Path, seconds: float = 60) -> Iterator[None]:
    """Hold a file for one process while it is read, changed and written; others wait their turn.

    Raises
    ------
    DataError
        When it is held by another for so long.
    """
    lock, end = path.with_name(f".{path.name}.lock"), time.monotonic() + seconds
    try:
        while (number := _take(lock)) is None:
            if time.monotonic() > end:
                raise DataError(f"{path} is being written by another command; try again, or delete {lock} if none runs")
            time.sleep(0.01)
    except OSError as error:
        raise DataError(f"{lock} cannot be made ({error.strerror})") from None
    try:
        yield
    finally:
        os.close(number)
        if fcntl is None:
            lock.unlink()


def _take(lock: Path) -> int | None:
    if fcntl is None:
        try:
            return os.open(lock, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
        except FileExistsError:
            return None
    number = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(number)
        return None
    return number
