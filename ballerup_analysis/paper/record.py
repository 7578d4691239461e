"""The run record: what a report was made from, and whether that still holds."""

from __future__ import annotations

import hashlib
import json
import platform
import re
import subprocess
from collections import defaultdict
from collections.abc import Container, Iterator
from importlib import metadata
from itertools import zip_longest
from pathlib import Path

from ballerup_analysis.files import locked, read_bytes
from ballerup_analysis.sources import DATA, DataError, catalogue, local_file, record_of

NAME = "run_record.json"
OLD = ".{}.old"  # where a report stands while the next one takes its place
LARGEST = 50_000_000  # bytes of a file whose hash is taken
JSON_BYTES, PAGE_BYTES = 1_500_000, 2_000_000  # of what is read of a report: far more than one has
LINKED = re.compile(
    r'<a href="#kilde-([^"<>]*)"[^<>]*>([^<]*)</a>'
)  # a number's id and text, as the layout writes them
DIGITS = 10  # of a number: the rest may come out otherwise on another processor
OF_SYSTEM = re.compile(
    r"\.DS_Store|Thumbs\.db|(?P<lock>desktop\.ini|\.~lock\..*#|~\$.*)"
)  # what others leave where a file is looked at
LOCK_BYTES = 1_000  # of one: it names who has the file open
DEEPEST = 8  # folders inside each other that are looked into: a report has one in itself
UNREAD = "a file that stands in no record"  # its name alone is told
QUOTED = 100  # characters of a text that a message repeats
PACKAGE = Path(__file__).parents[1]
OWN = {f"local/{kind}": kind for kind in ("accounts", "budget")}
RECORD = "datapackage.json"
UNLIKE = "is not what a new build makes"


def run_record(book, folder: Path) -> dict:
    """Bind data, code, environment and scenario to the results and files of a report.

    Parameters
    ----------
    book : Ledger
        The numbers of the report.
    folder : pathlib.Path
        Where its files are.

    Returns
    -------
    dict
        area, data, code, environment, scenario, results, shown, files; hashes are sha256.
    """
    from ballerup_analysis.paper.text import danish  # a second, which verify does without
    from ballerup_analysis.scenarios import write

    data = {record_of(name)["path"]: hash.removeprefix("sha256:") for name, hash in book.data.items()}
    data |= {path: _hash(DATA / path) for path in (RECORD, *_scenarios())} | {
        name: _hash(local_file(kind)) for name, kind in OWN.items()
    }
    return {
        "area": book.area,
        "scenario": write(book.scenario) if book.scenario else None,
        "data": data,
        "code": {"commit": _commit(), "files": {p.relative_to(PACKAGE).as_posix(): _hash(p) for p in _package_files()}},
        "environment": _environment(),
        "results": {
            e.id: {"value": plain(e.value), "danish": danish(e), "rests_on": _files_of(e.reading)}
            for e in book.numbers.values()
        },
        "shown": {path.name: _linked(path) for path in sorted(folder.glob("*.html"))},
        "files": _files(folder),
    }


def plain(value) -> float | int:
    """Return a number as Python has it, whatever counted it: of a fraction the digits that every processor agrees in.

    Examples
    --------
    >>> plain(38.29711116756464), plain(38.29711116758483), plain(506_693_000)
    (38.29711117, 38.29711117, 506693000)
    """
    value = value.item() if hasattr(value, "item") else value
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def _files_of(reading) -> list[str]:
    names = [*reading.lines] + ["rates"] * bool(reading.rates)
    own = {name for name, *_ in reading.own}
    return sorted({record_of(name)["path"] for name in names} | own)


def verify(folder: Path) -> list[str]:
    """Name what no longer holds of a report by its record: data, code, environment, its files, the numbers they show.

    Nothing is computed again: with the same data, code and packages the numbers are the same. The hash of a file tells
    any change of it; each number is compared, where it stands, to name the one that moved. A file changed together with
    the record is told by :func:`differing` alone.

    Raises
    ------
    DataError
        When the folder holds no run record.
    """
    record = read(folder)
    try:
        return _what_is_off(record, folder) + _moved(record["results"], record["shown"], folder)
    except (LookupError, TypeError, AttributeError):
        raise _no_record(folder) from None


def read(folder: Path) -> dict:
    """Return the run record of a report.

    Raises
    ------
    DataError
        When the folder holds none, or one larger than a build makes.
    """
    if (aside := folder.parent / OLD.format(folder.name)).is_dir() and not folder.exists():
        with locked(folder):  # else it is a build's own next step
            put_back(folder, aside)
    if not (folder / NAME).is_file():
        raise DataError(f"{folder} holds no {NAME}; make one with: ballerup report")
    held = read_bytes(folder / NAME, JSON_BYTES)
    try:
        record = json.loads(held, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise _no_record(folder) from None
    if not isinstance(record, dict):
        raise _no_record(folder)
    return record


def put_back(folder: Path, old: Path) -> None:
    """Put a report back in its place where a build was killed between the two steps of its swap."""
    if old.is_dir() and not old.is_symlink() and not folder.exists():
        old.rename(folder)


def _no_record(folder: Path) -> DataError:
    return DataError(f"{folder / NAME} is no run record; make it again with: ballerup report")


def _once(pairs: list[tuple]) -> dict:
    if len(told := dict(pairs)) < len(pairs):
        raise ValueError("a key stands twice")  # one is shown, another is read
    return told


def text_of(record: dict) -> str:
    """Return a run record as it is written."""
    return json.dumps(record, ensure_ascii=False, indent=1) + "\n"


def differing(folder: Path, again: Path) -> list[str]:
    """Name the files of a report that differ from those of another, made again from the same; the commit may differ."""
    said, own = read(folder), read(again)
    commit = said["code"].get("commit") if isinstance(said.get("code"), dict) else None
    off, here = [], own["code"]["commit"]
    if commit is None or (isinstance(commit, str) and re.fullmatch(r"[0-9a-f]{40}", commit)):
        own["code"]["commit"] = commit  # none where the report was made without git
        if commit and here and _git("cat-file", "-e", f"{commit}^{{commit}}") is None:
            off = [f"run record: commit {commit} {_unknown()}"]
    own["files"] = said.get("files")
    off += [
        f"run record: {key} is not what a new build records"
        for key in sorted(said | own)
        if said.get(key) != own.get(key)
    ]
    if not off and text_of(own).encode() != (folder / NAME).read_bytes():
        off = ["run record: is not as a build writes it"]
    new = _files(again)
    now = _files(folder, new)
    return off + [
        f"report file {_quoted(name)}: "
        + ("is not there" if name not in now else "no build makes it" if name not in new else UNLIKE)
        for name in sorted({*now, *new})
        if now.get(name) != new.get(name)
    ]


def _what_is_off(record: dict, folder: Path) -> list[str]:
    # a record cannot have another file opened
    known = {path: DATA / path for path in (*catalogue()["path"], RECORD, *_scenarios())}
    known |= {name: local_file(kind) for name, kind in OWN.items()}
    data = {path: _hash(known.get(path)) for path in {*record["data"], *_scenarios()}}
    parts = (
        ("data file", record["data"], data),
        ("code", record["code"]["files"], {p.relative_to(PACKAGE).as_posix(): _hash(p) for p in _package_files()}),
        ("package", record["environment"], _environment()),
        ("report file", record["files"], _files(folder, record["files"])),
    )
    resting = defaultdict(list)
    for id, result in record["results"].items():
        for path in dict.fromkeys(result["rests_on"]):
            resting[path].append(_quoted(id))
    return [
        f"{what} {_quoted(name)}: "
        + ("is not there" if now.get(name) is None else "is new" if then.get(name) is None else "has changed")
        + (_told(resting.get(name)) if what == "data file" else "")
        for what, then, now in parts
        for name in sorted({*then, *now})
        if then.get(name) != now.get(name)
    ]


def _quoted(text: str) -> str:
    return text[:QUOTED] if text.isprintable() else repr(text[:QUOTED])


def _told(ids: list[str] | None) -> str:
    return f"; {len(ids)} numbers rest on it: {', '.join(ids)}" if ids else ""


def _moved(results: dict, shown: dict, folder: Path) -> list[str]:
    """Name the numbers that stand in the report's own files otherwise than its record has them."""
    off, computed = [], [(id, result.get(key)) for id, result in results.items() for key in ("value", "danish")]
    for path in (folder / "key_numbers.json", *sorted(folder.glob("*.html"))):
        if not path.is_file():
            continue
        name, page = _quoted(path.name), path.suffix == ".html"
        try:
            now = _linked(path) if page else _key_numbers(path)
        except (ValueError, LookupError, TypeError, RecursionError):
            off.append(f"report file {name}: its numbers cannot be read; make it again with: ballerup report")
            continue
        off += dict.fromkeys(_apart(shown.get(path.name, []) if page else computed, now, name))
    return off


def _apart(then: list, now: list, file: str) -> Iterator[str]:
    """Tell what stands otherwise in a row of numbers; where one is new or gone, that alone: all after it have moved."""
    places = [*zip_longest(then, now, fillvalue=("no number", ""))]
    for was, one in places:
        if was[0] != one[0]:
            yield f"report file {file}: {_quoted(str(one[0]))} stands where {_quoted(str(was[0]))} should"
            return
    for was, one in places:
        if was[1] != one[1]:
            yield f"result {_quoted(one[0])}: {_quoted(str(one[1]))} instead of {_quoted(str(was[1]))}, in {file}"


def _key_numbers(path: Path) -> list[tuple]:
    return [(e["id"], e[key]) for e in json.loads(read_bytes(path, JSON_BYTES)) for key in ("value", "danish")]


def _linked(path: Path) -> list[tuple[str, str]]:
    """Return the numbers of a page that link to their source, with the text of each, in their order."""
    return LINKED.findall(read_bytes(path, PAGE_BYTES).decode("utf-8"))


def _files(folder: Path, known: Container[str] | None = None) -> dict[str, str | None]:
    """Return the hash of every file of a report but its record, and its empty folders; a link is followed nowhere.

    Of a file that is not among those ``known`` the name is enough: there may be any number of them, of any size.
    """
    there = {path.relative_to(folder).as_posix(): path for path in _inner(folder) if path != folder / NAME}
    return {
        name: "a link" if path.is_symlink() else UNREAD if known is not None and name not in known else _hash(path)
        for name, path in sorted(there.items())
    }


def _inner(folder: Path, depth: int = 0) -> Iterator[Path]:
    """Yield the files of a folder, its links, and the folders that are empty or too deep to be a report's."""
    inner = [path for path in folder.iterdir() if not _is_of_system(path)] if depth <= DEEPEST else []
    if depth and not inner:
        yield folder
    for path in inner:
        if path.is_dir() and not path.is_symlink():
            yield from _inner(path, depth + 1)
        else:
            yield path


def _is_of_system(path: Path) -> bool:
    """Tell whether a file is what a system or an open program leaves: by its name, and a lock by its size too."""
    told = OF_SYSTEM.fullmatch(path.name)
    return (
        bool(told)
        and path.is_file()
        and not path.is_symlink()
        and (not told["lock"] or path.stat().st_size <= LOCK_BYTES)
    )


def _scenarios() -> list[str]:
    return sorted(path.relative_to(DATA).as_posix() for path in (DATA / "scenarios").glob("*.toml"))


def _hash(path: Path | None) -> str | None:
    """Return the hash of a file; nothing where there is none, and a word where it is none of ours."""
    if not path or not path.exists():
        return None
    if not path.is_file() or path.stat().st_size > LARGEST:
        return "no file that is read"
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _package_files() -> list[Path]:
    return sorted(p for p in PACKAGE.rglob("*") if p.is_file() and p.suffix != ".pyc")


def _environment() -> dict[str, str]:
    """Return the versions of Python and of what the project asks for."""
    asked = metadata.requires("ballerup-analysis") or []
    names = sorted({re.match(r"[\w.-]+", r).group() for r in asked if "extra ==" not in r})
    return {"python": platform.python_version()} | {name: metadata.version(name) for name in names}


def _commit() -> str | None:
    """Return the commit of the checkout, not of one around it; the hashes of the files tell what was changed since."""
    checkout, _, commit = (_git("rev-parse", "--show-toplevel", "HEAD") or "").rpartition("\n")
    return commit if checkout and Path(checkout).resolve() == PACKAGE.parent.resolve() else None


def _unknown() -> str:
    """Say what a commit is that is not here: where the history is cut short, it may lie before."""
    if _git("rev-parse", "--is-shallow-repository") != "true":
        return "is none of this repository"
    return "is older than the history here, a shallow clone, or of another; fetch the rest with: git fetch --unshallow"


def _git(*asked: str) -> str | None:
    """Return what git says of the checkout; None where it fails or is not there."""
    try:
        said = subprocess.run(["git", "-C", str(PACKAGE), *asked], capture_output=True, text=True)
    except OSError:
        return None
    return None if said.returncode else said.stdout.strip()
