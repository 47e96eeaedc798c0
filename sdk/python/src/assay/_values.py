"""Values of the application as JSON: what JSON cannot hold is rendered by `repr`, what is large is cut."""

from __future__ import annotations

import dataclasses
import enum
import json
import math
from collections.abc import Mapping
from typing import Any

_DEEPEST = 20
_MOST_ENTRIES = 1000


def text(value: object) -> str:
    """A string that UTF-8 can hold: a lone surrogate in one span would fail its whole batch."""
    try:
        written = str(value)
    except Exception:
        written = _repr(value)
    return written.encode("utf-8", "replace").decode("utf-8")


def cut(value: str, limit: int) -> str:
    """At most `limit` characters, and a note of how many are gone."""
    value = text(value)
    if len(value) <= limit:
        return value
    return f"{value[:limit]}… [cut: {len(value) - limit} characters]"


def _repr(value: object) -> str:
    try:
        return repr(value)
    except Exception:
        return f"<{type(value).__name__} without a repr>"


class _Plain:
    """Makes JSON values. Stops after so many parts that the rest would be cut anyway."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.left = limit
        self.within: set[int] = set()

    def of(self, value: Any, depth: int = 0) -> Any:
        self.left -= 1
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            # An enumeration of strings is one, too.
            value = value.value if isinstance(value, enum.Enum) else value
            self.left -= min(len(value), self.limit)
            return cut(value, self.limit)
        if isinstance(value, enum.Enum):
            return self.of(value.value, depth)
        if isinstance(value, int):
            # More digits than a float has are more than most readers take.
            return int(value) if abs(value) < 2**63 else str(value)
        if isinstance(value, float):
            return float(value) if math.isfinite(value) else _repr(value)
        if isinstance(value, (bytes, bytearray, memoryview)):
            return f"<{type(value).__name__} of {len(value)} bytes>"
        if depth >= _DEEPEST or id(value) in self.within:
            return cut(_repr(value), self.limit)
        self.within.add(id(value))
        try:
            return self._parts(value, depth + 1)
        finally:
            self.within.discard(id(value))

    def _parts(self, value: Any, depth: int) -> Any:
        if isinstance(value, Mapping):
            result: dict[str, Any] = {}
            for key, item in value.items():
                if self.left <= 0:
                    result["…"] = f"[cut: {len(value) - len(result)} entries]"
                    break
                result[text(key) if isinstance(key, str) else text(_repr(key))] = self.of(item, depth)
            return result
        if isinstance(value, (list, tuple, set, frozenset)):
            items: list[Any] = []
            for item in value:
                if self.left <= 0:
                    items.append(f"[cut: {len(value) - len(items)} entries]")
                    break
                items.append(self.of(item, depth))
            return items
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = dataclasses.fields(value)
            return self.of({f.name: getattr(value, f.name, None) for f in fields}, depth)
        dump = getattr(value, "model_dump", None)
        if callable(dump) and not isinstance(value, type):
            try:
                return self.of(dump(), depth)
            except Exception:
                pass
        return cut(_repr(value), self.limit)


def plain(value: Any, limit: int) -> Any:
    """`value` as what `json` can write. Never raises."""
    try:
        return _Plain(limit).of(value)
    except Exception:
        return cut(_repr(value), limit)


def dumps(value: Any) -> str:
    """JSON text of a value that `plain` has made."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def render(value: Any, limit: int) -> str:
    """A value as text: strings as they are, anything else as JSON; at most `limit` characters."""
    value = plain(value, limit)
    return value if isinstance(value, str) else cut(dumps(value), limit)


def render_entries(value: Any, limit: int) -> dict[str, Any]:
    """Metadata: each of at most 1000 entries is cut on its own, so that the whole stays an object."""
    if not isinstance(value, Mapping):
        value = plain(value, limit)
    if not isinstance(value, Mapping):
        return {"value": value}
    entries = {}
    for key, item in list(value.items())[:_MOST_ENTRIES]:
        item = plain(item, limit)
        if not isinstance(item, str) and len(written := dumps(item)) > limit:
            item = cut(written, limit)
        entries[text(key)] = item
    return entries
