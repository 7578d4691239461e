"""The server of the explorer: Python's own, on this machine alone; it keeps baselines, and nothing of a visitor."""

from __future__ import annotations

import contextlib
import io
import os
import re
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic
from urllib.parse import quote, unquote

import numpy as np

from ballerup_analysis import own
from ballerup_analysis.baselines import accounts_of, baseline
from ballerup_analysis.explorer import page
from ballerup_analysis.explorer.answer import Answer, answer, as_csv
from ballerup_analysis.explorer.state import State, fits, parse
from ballerup_analysis.explorer.turns import Turns
from ballerup_analysis.files import ROOT, decoded, one_line
from ballerup_analysis.frame import Frame, factors
from ballerup_analysis.scenarios import read, shipped, write
from ballerup_analysis.sources import DataError, load

ADDRESS = "127.0.0.1"
LARGEST = 65_536  # bytes of a scenario file
HEAD = 2 * LARGEST  # bytes of a request before it: Python itself answers a longer first line
KEPT = 8  # baselines whose spread is kept
FILES = {"/page.js": "text/javascript", "/page.css": "text/css"}
LONGEST_NAME = 150  # bytes of a file's name before its ending: systems that keep files take 255, with what browsers add
PATIENCE = 20  # seconds for a whole request to arrive, from the one before; and for an answer to be taken
MOST = 128  # connections at once: a browser has 6, however many tabs
AT_ONCE = 4  # computations: Python runs one at a time, and more would only make each other slower
TURN = 15  # seconds that a visitor waits for a turn
BUSY = b"the explorer is busy with other pages; load this one again in a moment\n"  # said before anything is read
ELSEWHERE = b"another site led here; copy the address into the browser instead\n"
OWN_PAGE = {"same-origin", "none"}  # where a browser says that its own tab asks: this page, or a person's address bar
FULL = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(BUSY), BUSY)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob: data:; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def told(error: DataError) -> str:
    """Return what an error says, without the folders of this machine: what is in them by its name, they by what they are called."""
    text = str(error)
    for folder, called in ((own.folder(), own.called()), (ROOT, ROOT.name)):
        if folder and folder.is_absolute():  # any other may be a word as well
            text = text.replace(f"{folder}{os.sep}", "")
            text = re.sub(rf"(?<!\w){re.escape(str(folder))}(?!\w)", called, text)
    return text


class FileFault(DataError):
    """What is wrong with a file of one's own, or that there is none: no address can mend it, and in a moment it may be well."""


class Unfit(DataError):
    """What an own budget cannot be asked, as its file is now: in a moment it may be another."""


def _has_budget() -> bool:
    try:
        return "budget" in own.files()
    except DataError:  # two files of one kind
        return True


class Baselines:
    """The baselines the pages show, each computed when it is first asked for, and the spread of the latest.

    Examples
    --------
    >>> Baselines().frame("budget_2017", "151").years[0]
    2017
    """

    def __init__(self):
        self.lock, self.reading = threading.Lock(), threading.Lock()
        self.frames: dict[tuple[str, str], Frame] = {}
        self.moves: dict[str, np.ndarray] = {}
        self.shipped = shipped()
        years = sorted(load("regk31")["year"].unique().tolist())
        self.vintages = years[-3:-1]

    def frame(self, name: str, area: str) -> Frame:
        """Return a baseline of an area; an own budget as its file is now."""
        if name == "own":
            try:
                with self.reading:  # one at a time: a file may take some hundred MB to be looked through
                    return baseline("own", area)
            except DataError as error:
                raise FileFault(str(error)) from None
        with self.lock:
            if (name, area) not in self.frames:
                latest = {"accounts": None} | {f"accounts {year}": year for year in self.vintages}
                if name in latest:
                    every = accounts_of(last=latest[name])
                    self.frames |= {(name, code): one for code, one in every.items()}
                if (name, area) not in self.frames:
                    self.frames[name, area] = baseline(name, area)
            return self.frames[name, area]

    def spread(self, frame: Frame) -> np.ndarray:
        """Return how a baseline may turn out; the latest few are kept."""
        with self.lock:
            if frame.hash not in self.moves:
                while len(self.moves) >= KEPT:
                    self.moves.pop(next(iter(self.moves)))
                self.moves[frame.hash] = factors(frame)
            return self.moves[frame.hash]

    def shown(self, state: State) -> tuple[State, Frame, Answer, bool]:
        """Return a state as it can be shown, its baseline, its answer, and whether the baseline has moved since."""
        frame = self.frame(state.scenario.baseline, state.area)
        moved = state.scenario.hash not in ("", frame.hash)
        try:
            if state.shown:
                area, _, name = state.shown.partition(" ")
                state = state.carried(self.frame(name, area), frame)
            state = state.settled(frame)
        except FileFault:
            raise
        except DataError as error:
            raise (Unfit if frame.name == "own" else DataError)(str(error)) from None
        fits(state.query())  # which may be longer than what was asked
        return state, frame, answer(state, frame, self.spread(frame)), moved


class _InTime(io.RawIOBase):
    """What arrives on a connection, until ``end`` and within ``most`` bytes: a timeout of the socket would begin again at each byte."""

    def __init__(self, connection):
        self.connection, self.end, self.most = connection, 0.0, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        if (left := self.end - monotonic()) <= 0:
            raise TimeoutError
        if self.most <= 0:
            raise HTTPException  # which is answered: too large
        self.connection.settimeout(left)
        try:
            self.most -= (arrived := self.connection.recv_into(buffer))
            return arrived
        finally:
            self.connection.settimeout(PATIENCE)


class Handler(BaseHTTPRequestHandler):
    """Answers the page, its files, and a scenario file that is opened; nothing else, and to this machine's browser alone."""

    protocol_version = "HTTP/1.1"
    default_request_version = "HTTP/1.1"  # an earlier one has no headers, for what cannot be read too
    server_version, sys_version = "ballerup", ""
    error_message_format, error_content_type = "%(code)d %(message)s\n", "text/plain; charset=utf-8"

    def setup(self):
        """Read what arrives in time."""
        super().setup()
        self.connection.settimeout(PATIENCE)
        self.rfile.close()
        self.rfile = io.BufferedReader(_InTime(self.connection))

    def handle_one_request(self):
        """Answer one request, whose time begins now."""
        self.rfile.raw.end, self.rfile.raw.most = monotonic() + PATIENCE, HEAD
        super().handle_one_request()

    def do_GET(self):
        """Answer the page of a state, its numbers, its scenario as a file, or one of the page's own files."""
        if not self._for_us():
            return
        self.close_connection |= "Content-Length" in self.headers  # what is not read would be the next request
        path, _, query = self.path.partition("?")
        if path in FILES:
            self._send((Path(__file__).parent / path[1:]).read_bytes(), FILES[path])
        elif path == "/":
            self._in_turn(partial(self._page, query))
        elif path in ("/numbers.csv", "/scenario.toml"):
            self._in_turn(partial(self._file, path, query))
        else:
            self._send(b"", "text/plain", HTTPStatus.NOT_FOUND)

    def do_POST(self):
        """Answer the address of the state that an opened scenario file gives."""
        if not self._for_us():
            return
        length = self.headers.get("Content-Length", "")
        if self.headers.get("X-Ballerup") != "file" or not re.fullmatch("[0-9]{1,9}", length) or int(length) > LARGEST:
            self.close_connection = True
            self._refuse("the file is too large, or no scenario file")
            return
        self.rfile.raw.most += int(length)
        raw, name = self.rfile.read(int(length)), one_line(unquote(self.headers.get("X-Name", "file"))[:80])
        self._in_turn(partial(self._opened, raw, name))

    def _for_us(self) -> bool:
        port, host = self.server.server_address[1], self.headers.get("Host")
        origins, sites, modes = (
            self.headers.get_all(one, []) for one in ("Origin", "Sec-Fetch-Site", "Sec-Fetch-Mode")
        )
        # a link that a person follows, as in a mail, opens a page of its own; it brings no Origin
        is_followed = (
            self.command == "GET" and modes == ["navigate"] and self.headers.get("Sec-Fetch-Dest") == "document"
        )
        is_ours = set(sites) <= OWN_PAGE or is_followed
        if (
            host in (f"{ADDRESS}:{port}", f"localhost:{port}")
            and origins in ([], [f"http://{host}"])
            and is_ours  # an image or frame of another site's page has no Origin
            and len(self.headers.get_all("Host")) == 1
            and "Transfer-Encoding" not in self.headers
        ):
            return True  # a page of another site, also one that has our address under its own name, is turned away
        self.close_connection = True
        self._send(b"" if is_ours else ELSEWHERE, "text/plain", HTTPStatus.FORBIDDEN)
        return False

    def _in_turn(self, make: Callable[[], Callable[[], None]]) -> None:
        """Make an answer when a place is free for it, for a visitor who is still there; send it outside that place."""
        if not self.server.turns.acquire(timeout=TURN):
            self.close_connection = True
            busy = page.words(self._lang())["busy"] + "\n"
            self._send(busy.encode(), "text/plain", HTTPStatus.SERVICE_UNAVAILABLE, lang=self._lang())
            return
        try:
            if self._is_gone():
                self.close_connection = True
                return
            send = make()
        except DataError as error:  # of the tables: no page can be made
            send = partial(self._send, told(error).encode(), "text/plain", HTTPStatus.INTERNAL_SERVER_ERROR)
        finally:
            self.server.turns.release()
        send()

    def _is_gone(self) -> bool:
        """Tell whether the visitor has closed the connection; what the next request sends stays to be read."""
        self.connection.settimeout(0)
        try:
            return not self.connection.recv(1, socket.MSG_PEEK)
        except BlockingIOError:  # still there, and silent
            return False
        except OSError:
            return True
        finally:
            self.connection.settimeout(PATIENCE)

    def _opened(self, raw: bytes, name: str) -> Callable[[], None]:
        try:
            state = page.opened(read(decoded(raw, name), name), parse(self.path.partition("?")[2]))
            self.server.baselines.shown(state)  # its own hash stays: the page tells whether it is of another baseline
        except DataError as error:
            return partial(self._refuse, told(error))
        return partial(self._send, state.query().encode(), "text/plain")

    def _page(self, query: str) -> Callable[[], None]:
        all_of, status, alert, message = self.server.baselines, HTTPStatus.OK, None, ""
        try:
            state, frame, found, moved = all_of.shown(parse(query))
            message = page.words(state.lang)["moved"] if moved else ""
        except DataError as error:
            state, frame, found, _ = all_of.shown(State(lang=self._lang()))
            in_file = isinstance(error, FileFault)
            waits = isinstance(error, FileFault | Unfit)
            status = HTTPStatus.CONFLICT if waits else HTTPStatus.BAD_REQUEST
            alert = page.refused(told(error), self._lang(), in_file and _has_budget(), waits)
        shown = page.render(state, frame, found, all_of.vintages, _has_budget(), all_of.shipped, message, alert)
        return partial(self._send, shown.encode(), "text/html", status)

    def _lang(self) -> str:
        return "en" if "lang=en" in self.path else "da"

    def _refuse(self, error: str) -> None:
        alert = page.refused(error, self._lang())
        self._send(alert["kept"].encode(), "text/plain", HTTPStatus.BAD_REQUEST, lang=alert["lang"])

    def _file(self, path: str, query: str) -> Callable[[], None]:
        try:
            state, frame, found, moved = self.server.baselines.shown(parse(query))
        except DataError as error:
            return partial(self._refuse, told(error))
        if moved:
            return partial(self._refuse, "the baseline has changed since the page was made; load it anew")
        name = state.scenario.name or page.words(state.lang)["scenario"]
        text = as_csv(state, frame, found)
        if path == "/scenario.toml":
            text = write(replace(state.scenario, name=name))
        kind = "text/csv" if path.endswith("csv") else "application/toml"
        called = name.encode()[:LONGEST_NAME].decode(errors="ignore") + path[path.rindex(".") :]
        return partial(self._send, text.encode(), kind, download=quote(called))

    def _send(self, raw: bytes, kind: str, status=HTTPStatus.OK, download: str = "", lang: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(raw)))
        if lang:
            self.send_header("Content-Language", lang)
        if download:
            self.send_header("Content-Disposition", f"attachment; filename*=UTF-8''{download}")
        self.end_headers()
        self.wfile.write(raw)

    def end_headers(self):
        """Send what every answer says, errors too."""
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, *_):
        """Say nothing of visits."""


class Server(ThreadingHTTPServer):
    """Serves the page, and ends without waiting for open pages."""

    daemon_threads = True
    allow_reuse_address = os.name == "posix"  # on Windows another program could take the port over
    request_queue_size = 128

    def __init__(self, port: int = 0):
        try:
            super().__init__((ADDRESS, port), Handler)
        except (OSError, OverflowError) as error:
            raise DataError(f"port {port} cannot be used: {error}; without --port one is chosen") from None
        self.baselines, self.places = Baselines(), threading.Semaphore(MOST)
        self.turns = Turns(AT_ONCE)

    def process_request(self, request, client_address):
        """Answer a connection in a thread of its own, or refuse it where there are too many."""
        if self.places.acquire(blocking=False):
            super().process_request(request, client_address)
            return
        with contextlib.suppress(OSError):
            request.sendall(FULL)
        self.shutdown_request(request)

    def process_request_thread(self, request, client_address):
        """Answer a connection, and give its place free."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.places.release()

    def handle_error(self, *_):
        """Say nothing of a visitor who has left; anything else is a mistake of ours."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(*_)

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://{ADDRESS}:{self.server_address[1]}/"


def serve(port: int = 0) -> None:
    """Serve the explorer on this machine alone until interrupted, and print where; the system chooses port 0.

    Raises
    ------
    DataError
        The port cannot be used.
    """
    with Server(port) as server:
        server.baselines.shown(State())  # the tables are read before the first visitor comes
        print(f"{server.address} (Ctrl+C stops it)", flush=True)
        server.serve_forever()
