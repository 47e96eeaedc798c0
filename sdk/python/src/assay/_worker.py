"""A thread that exists before it is needed.

Flushing and closing take as long as the network likes, and the end of a process must not. They run here, and the caller
waits for a limited time. The thread is started early, because an interpreter that ends starts no threads any more.
"""

from __future__ import annotations

import queue
import threading
from typing import Callable

from ._log import warn_once


class Worker:
    """Runs jobs one after the other."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="assay-worker", daemon=True)
        self._thread.start()

    def run(self, job: Callable[[], object], timeout_s: float) -> bool:
        """Whether a job was done in time; it goes on otherwise."""
        done = threading.Event()

        def noted() -> None:
            try:
                job()
            finally:
                done.set()

        self._jobs.put(noted)
        return done.wait(timeout_s)

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            try:
                job()
            except Exception as error:
                warn_once("worker", "assay: sending failed: %r", error)
