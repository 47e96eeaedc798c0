"""What goes wrong inside: logged once, never raised."""

from __future__ import annotations

import functools
import logging
import threading
from typing import Any, Callable, TypeVar, cast

logger = logging.getLogger("assay")

F = TypeVar("F", bound=Callable[..., Any])

_seen: set[str] = set()
_lock = threading.Lock()


def warn_once(key: str, message: str, *args: object) -> None:
    """Logs a warning, unless one of the same key was logged before in this process."""
    with _lock:
        if key in _seen:
            return
        _seen.add(key)
    logger.warning(message, *args)


def forget() -> None:
    """Lets every warning be logged again: for a new configuration."""
    with _lock:
        _seen.clear()


def _after_fork() -> None:
    # Another thread may have held it at the moment of the fork.
    global _lock
    _lock = threading.Lock()


def guarded(default: Any = None) -> Callable[[F], F]:
    """Makes a function return `default` where it would raise. Interrupts and exits pass."""

    def decorate(function: F) -> F:
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            try:
                return function(*args, **kwargs)
            except Exception as error:
                try:
                    name = function.__qualname__
                    warn_once(f"{name}:{type(error).__name__}", "assay: %s failed: %r", name, error)
                except Exception:  # a handler of the application, or a `repr`
                    pass
                return default

        return cast(F, wrapper)

    return decorate


class QuietHere(logging.Filter):
    """Drops records that are logged while this package sends: it says itself, once, what has failed.

    The exporter logs every failed attempt. Other users of the same exporter keep their records, because only records of
    a thread that is within `with quiet:` are dropped.
    """

    def __init__(self) -> None:
        super().__init__()
        self._local = threading.local()

    def __enter__(self) -> None:
        self._local.on = True

    def __exit__(self, *_: object) -> None:
        self._local.on = False

    def filter(self, record: logging.LogRecord) -> bool:
        return not getattr(self._local, "on", False)


quiet = QuietHere()
