"""Places to compute at, for visitors who come at once."""

from __future__ import annotations

import threading
from collections import deque


class Turns:
    """Places to compute at, given in the order they were asked for: past Python's own semaphore newcomers may go first.

    Examples
    --------
    >>> turns = Turns(1)
    >>> turns.acquire(0), turns.acquire(0)
    (True, False)
    """

    def __init__(self, places: int):
        self.lock, self.places, self.waiting = threading.Lock(), places, deque()

    def acquire(self, timeout: float) -> bool:
        """Take a place, at most so many seconds from now; tell whether there was one."""
        mine = threading.Event()
        with self.lock:
            if self.places:
                self.places -= 1
                return True
            self.waiting.append(mine)
        if mine.wait(timeout):
            return True
        with self.lock:
            if not mine.is_set():  # it may have been at the last moment
                self.waiting.remove(mine)
            return mine.is_set()

    def release(self) -> None:
        """Give a place to who has waited longest."""
        with self.lock:
            if self.waiting:
                self.waiting.popleft().set()
            else:
                self.places += 1
