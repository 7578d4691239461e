"""One question at a time to a service, and no answer believed that is not whole, small enough and of the known form."""

from __future__ import annotations

import difflib
import hashlib
import json
import math
import multiprocessing
import os
import re
import time
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass
from multiprocessing.pool import ThreadPool
from urllib.parse import urlsplit

import pandas as pd
import requests
from urllib3.exceptions import MaxRetryError

from ballerup_analysis import sources
from ballerup_analysis.files import make_folder
from ballerup_analysis.sources import DataError

TIMEOUT, WAITS, PAUSE = (10, 60), (2, 8, 30), 0.5  # seconds: connect and read, before each new try, before each request
DEADLINE, LONGEST_WAIT = 300, 120  # seconds: for one whole answer, and for what a service may ask us to wait
LARGEST = 30 * 2**20  # bytes of one answer, unpacked: three times the largest known
MOST_PARTS = 600_000  # lines, lists and objects of one answer, which take far more room than their bytes
AGAIN = (429, 500, 502, 503, 504)
LONGEST_NUMBER, LONGEST_TEXT = 18, 2000  # digits; characters
LOOPBACK = ("127.0.0.1", "localhost")
ADDRESS = re.compile(r"(https?://[a-z0-9._-]+(:[0-9]{1,5})?)([/?#].*)?", re.IGNORECASE)


class NoNetwork(DataError):
    """The service cannot be reached."""

    exit_code = 3


@dataclass(frozen=True)
class Fetched:
    """A table as a service gave it, after every check.

    Parameters
    ----------
    cells : pandas.DataFrame
        Tidy: area and period first, then what is kept, then the values.
    texts : dict
        By kept column, the text of each of its codes.
    updated : str
        When the service says it updated the table.
    notes : tuple of dict
        What a reader must know, each with a ``kind`` (break, closed, filled, footnote, preliminary) and a ``text``.
    names : dict
        By name, unit, measure or code that is asked for alone, what the service calls it.
    """

    cells: pd.DataFrame
    texts: dict[str, dict[str, str]]
    updated: str
    names: dict[str, str]
    notes: tuple[dict, ...] = ()


class _Bearer(requests.auth.AuthBase):
    # as an object of its own, so that neither a password in the address nor a .netrc takes its place
    def __init__(self, token: str):
        self._token = token

    def __call__(self, request):
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class _Session(requests.Session):
    def get_redirect_target(self, resp):
        """Name none: to prepare the next request, even one never sent, the body is read, however long."""


@dataclass
class _Try:
    content: bytes = b""
    problem: str = ""
    again: bool = True
    wait: int | None = None
    nobody: bool = False


def shown(url: str) -> str:
    """Return scheme and host of an address; nothing of one that is none or may hold a password.

    Examples
    --------
    >>> shown("http://127.0.0.1:80/v1/data?x=1"), shown("http://me:secret@127.0.0.1:80/v1")
    ('http://127.0.0.1:80', '')
    """
    found = ADDRESS.fullmatch(url)
    return found[1] if found and not re.search("@|%40", url) else ""


def address(setting: str, usual: str) -> str:
    """Return the address that an environment variable names, or else the usual one.

    Raises
    ------
    DataError
        When it is none, or names a user; nothing of it is shown.

    Examples
    --------
    >>> address("NOT_SET", "https://api.statbank.dk/v1")
    'https://api.statbank.dk/v1'
    """
    named = os.environ.get(setting, usual)
    if not shown(named):
        raise DataError(
            f"the address in {setting} must be http or https, a host and a path, without user, password or blank"
        )
    return named


def clean(text: str, most: int = LONGEST_TEXT) -> str:
    r"""Return a service's text on one line, not too long, without control, direction and private characters.

    Examples
    --------
    >>> clean("Sygedagpenge\xa0mv. \x1b[31m"), clean("Sygedagpenge", 4)
    ('Sygedagpenge mv. [31m', 'Syge…')
    """
    spaced = re.sub(r"\s+", " ", text).strip()
    told = "".join(letter for letter in spaced if unicodedata.category(letter)[0] != "C").strip()
    return told if len(told) <= most else f"{told[:most]}…"


def hidden(text: str, token: str) -> str:
    """Return a text with the token blotted out.

    Examples
    --------
    >>> hidden("Bearer made-up-4711", "made-up-4711")
    'Bearer (token)'
    """
    return text.replace(token, "(token)") if token else text


def ask(method: str, url: str, token: str = "", measured: bool = False, **given) -> bytes:
    """Return the whole answer to one request; what can succeed later is asked again after a while.

    Parameters
    ----------
    method, url : str
        GET or POST, and the address. No redirect is followed: it would lose the question or carry the token away.
    token : str
        Sent as ``Authorization: Bearer``, and in no message.
    measured : bool
        Take only an answer that tells where it ends, for one that looks whole wherever it is cut off.
    given
        What :func:`requests.request` takes beside it.

    Raises
    ------
    DataError
        With the host, the status and what the service said of it; or that the answer is no data, too large, or
        not there in time.
    NoNetwork
        When no connection is made at all.

    Examples
    --------
    >>> ask("GET", "http://me:secret@api.statbank.dk/v1")
    Traceback (most recent call last):
    ballerup_analysis.files.DataError: what is named is no address without user and password
    """
    if not (host := shown(url)):
        raise DataError("what is named is no address without user and password")
    for wait in (*WAITS, None):
        time.sleep(PAUSE)
        done = _try(method, url, token, measured, given)
        if not done.problem:
            return done.content
        if wait is None or not done.again:
            break
        time.sleep(wait if done.wait is None else done.wait)
    said = clean(hidden(done.problem, token), 600)
    if done.nobody:
        raise NoNetwork(f"no connection to {host.partition('//')[2]} ({said}); the figures here stay as they are")
    raise DataError(f"{host}: {said}")


def _try(*asked) -> _Try:
    # no error leaves from here: one that did would carry the request, and in it the token
    try:
        with ThreadPool(1) as pool:  # its thread ends with the process, whatever the service does
            return pool.apply_async(_once, asked).get(DEADLINE)
    except multiprocessing.TimeoutError:
        return _Try(problem=f"no whole answer within {DEADLINE} seconds", again=False)
    except requests.RequestException as error:
        if error.args and isinstance(error.args[0], MaxRetryError):
            return _Try(problem=type(error.args[0].reason).__name__, again=False, nobody=True)
        again = not isinstance(error, ValueError)  # an address or a header that is none
        return _Try(problem=f"broken off ({type(error).__name__})", again=again)
    except OSError as error:  # of the certificates alone, which are looked for before anything is sent
        return _Try(problem=f"{error} (REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE may name it)", again=False)


def _once(method: str, url: str, token: str, measured: bool, given: dict) -> _Try:
    rules = {"timeout": TIMEOUT, "allow_redirects": False, "stream": True, "auth": _Bearer(token)}
    with _Session() as session:
        # no proxy may stand between us and this machine: it would see the token, which goes there in the open
        session.trust_env = urlsplit(url).hostname not in LOOPBACK
        with session.request(method, url, **rules, **given) as answer:
            return _taken(answer, token, measured)


def _taken(answer: requests.Response, token: str, measured: bool) -> _Try:
    if 300 <= answer.status_code < 400:
        to = shown(answer.headers.get("Location", "")) or "an address that is not shown"
        return _Try(problem=f"HTTP {answer.status_code}, sent on to {to}, which is not followed", again=False)
    if measured and not {"Content-Length", "Transfer-Encoding"} & {*map(str.title, answer.headers)}:
        return _Try(problem="it does not tell its length, so nobody knows whether it is whole", again=False)
    content = bytearray()
    for piece in answer.iter_content(2**16):
        content += piece
        if len(content) > LARGEST:
            return _Try(problem=f"more than {LARGEST} bytes, the most that is taken", again=False)
    if sum(map(content.count, (b"\n", b"[", b"{"))) > MOST_PARTS:
        return _Try(problem=f"more than {MOST_PARTS} lines, lists and objects, the most that is taken", again=False)
    return _judged(answer.status_code, answer.headers, bytes(content), token)


def _judged(status: int, headers, content: bytes, token: str) -> _Try:
    page = "html" in headers.get("Content-Type", "") or content[:100].lstrip()[:1] == b"<"
    if status == 200 and not page:
        return _Try(content)
    said = hidden(content.decode("utf-8", "replace"), token)  # before anything is cut off
    problem = f"HTTP {status}, {'a web page instead of data' if page else _complaint(said)}"
    later = re.fullmatch(r"[0-9]{1,9}", headers.get("Retry-After", ""))
    wait = int(later[0]) if later else None
    if wait and wait > LONGEST_WAIT:
        told = f"it asks to wait {wait} seconds, and {LONGEST_WAIT} is the most that is waited"
        return _Try(problem=f"{problem}; {told}: try again later", again=False)
    return _Try(problem=problem, again=status in AGAIN, wait=wait)


def _complaint(content: str) -> str:
    try:
        said = json.loads(content)
        return clean(": ".join(said[key] for key in ("errorTypeCode", "message", "cause") if key in said))
    except (ValueError, TypeError, RecursionError):
        return clean(content)


def read_json(raw: bytes, form):
    """Return what JSON says, after :func:`fits`, each text of it after :func:`clean`.

    Numbers no table can hold, a key told twice and endless nesting are refused.

    Examples
    --------
    >>> read_json(b'{"id": "AUK01"}', {"id": str})
    {'id': 'AUK01'}
    """
    try:
        kinds = {"parse_int": _whole, "parse_constant": _whole, "parse_float": _decimal, "object_pairs_hook": _object}
        value = _cleaned(json.loads(raw.decode("utf-8-sig"), **kinds))
    except RecursionError:
        value, problem = None, "nested too deep"
    except ValueError as error:
        told = error.args[0] if type(error) is ValueError else f"no JSON but {raw[:100].decode('utf-8', 'replace')!r}"
        value, problem = None, told
    else:
        problem = ""
    if problem:
        raise DataError(f"the answer is {problem}")
    fits(value, form)
    return value


def _cleaned(value):
    if isinstance(value, str):  # nearly all are clean, and a code must stay as it is
        return value if value.isprintable() and len(value) <= LONGEST_TEXT else clean(value)
    if isinstance(value, dict):
        return {key: _cleaned(inner) for key, inner in value.items()}
    return [_cleaned(inner) for inner in value] if isinstance(value, list) else value


def _whole(text: str) -> int:
    if len(text) > LONGEST_NUMBER or not text.lstrip("-").isdigit():
        raise ValueError(f"no data: it holds the number {text[:12]} of {len(text)} characters")
    return int(text)


def _decimal(text: str) -> float:
    if not math.isfinite(value := float(text)):
        raise ValueError(f"no data: it holds the number {text[:12]}")
    return value


def _object(pairs: list[tuple[str, object]]) -> dict:
    told = dict(pairs)
    if len(told) < len(pairs):
        raise ValueError(f"no data: of {clean(', '.join(told), 60)} it tells one twice")
    return told


def fits(value, form, where: str = "the answer") -> None:
    """Refuse a value of another form, and name the place.

    Parameters
    ----------
    value
        What JSON says.
    form
        A type; a list of one form, that of every item; a dict of the form of each key that must be there.
    where : str
        What the value is called.

    Examples
    --------
    >>> fits({"values": [{"id": 2014}]}, {"values": [{"id": str}]})
    Traceback (most recent call last):
    ballerup_analysis.files.DataError: the answer.values[0].id is 2014, no str
    """
    kind = type(form) if isinstance(form, (dict, list)) else form
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise DataError(f"{where} is {clean(str(value), 100)}, no {kind.__name__}")
    if isinstance(form, list):
        for place, item in enumerate(value):
            fits(item, form[0], f"{where}[{place}]")
    if isinstance(form, dict):
        for key, inner in form.items():
            if key not in value:
                raise DataError(f"{where} has no {key!r}")
            fits(value[key], inner, f"{where}.{key}")


def same(what: str, there, wanted) -> None:
    """Refuse two lists of codes that differ, and name what is missing and what is new.

    Examples
    --------
    >>> same("AUK01, areas", ["000"], ["000", "151"])
    Traceback (most recent call last):
    ballerup_analysis.files.DataError: AUK01, areas: 1 missing ['151'], 0 not expected []
    """
    there, wanted = set(there), set(wanted)
    missing, new = (sorted(clean(str(code), 100) for code in codes) for codes in (wanted - there, there - wanted))
    if missing or new:
        raise DataError(f"{what}: {len(missing)} missing {missing[:5]}, {len(new)} not expected {new[:5]}")


def same_texts(what: str, there: dict[str, str], known: dict[str, str]) -> None:
    """Refuse codes and texts that differ from those known, unless none are known.

    Examples
    --------
    >>> same_texts("AUK01, benefit", {"SU": "I alt"}, {"SU": "SU"})
    Traceback (most recent call last):
    ballerup_analysis.files.DataError: AUK01, benefit (if meant: --accept): 1 missing ['SU: SU'], 1 not expected ['SU: I alt']
    """
    if known:
        pairs = [[f"{code}: {text}" for code, text in texts.items()] for texts in (there, known)]
        same(f"{what} (if meant: --accept)", *pairs)


def folded(name: str) -> str:
    """Return the name of an area without what is written in two ways, as Høje Taastrup, Århus and Nordfyn are.

    Examples
    --------
    >>> folded("Århus Kommune") == folded("Aarhus")
    True
    """
    return clean(name).casefold().replace("-", " ").replace("å", "aa").removesuffix(" kommune").rstrip("s")


def listed(table: str, offered: Collection[str] | None) -> None:
    """Refuse a table that a catalogue does not hold, and name the nearest that it does; no catalogue tells nothing.

    Examples
    --------
    >>> listed("AUK1", {"AUK01": True})
    Traceback (most recent call last):
    ballerup_analysis.files.DataError: AUK1 is not in the catalogue: withdrawn or renamed; the nearest is AUK01
    """
    if offered is None or table in offered:
        return
    near = difflib.get_close_matches(table, offered, n=1)
    raise DataError(
        f"{table} is not in the catalogue: withdrawn or renamed" + (f"; the nearest is {near[0]}" if near else "")
    )


def cached(stamp: str, method: str, url: str, use: Callable, token: str = "", **given):
    """Return ``use`` of an answer, from the cache when it was asked for under the same stamp before.

    Only an answer that ``use`` accepts and that does not repeat the token is kept, in ``data/cache``.
    """
    key = hashlib.sha256(json.dumps([stamp, method, url, given]).encode()).hexdigest()
    path = sources.DATA / "cache" / key
    if path.exists():
        return use(path.read_bytes())
    raw = ask(method, url, token, **given)
    used = use(raw)
    make_folder(path.parent)
    sources.write_aside(path, raw)
    return used
