"""Values as text: what JSON cannot hold, what is large, what is hostile."""

from __future__ import annotations

import dataclasses
import datetime
import enum
import json
import math
import pathlib
from typing import Any, Callable

import pytest
from conftest import Server

import assay
from assay._values import plain, render, render_entries


class Colour(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Point:
    x: int
    y: Any


class Bad:
    def __repr__(self) -> str:
        raise RuntimeError("no")


class Model:
    def model_dump(self) -> dict[str, int]:
        return {"a": 1}


@pytest.mark.parametrize(
    "value,expected",
    [
        ("text", "text"),
        (None, "null"),
        (True, "true"),
        ({"a": (1, 2.5)}, '{"a": [1, 2.5]}'),
        ({1: "é"}, '{"1": "é"}'),
        (math.nan, "nan"),
        ([math.inf], '["inf"]'),
        (2**70, str(2**70)),
        (Colour.RED, "red"),
        (Point(1, [Colour.RED]), '{"x": 1, "y": ["red"]}'),
        (Model(), '{"a": 1}'),
        (b"\x00\x01", "<bytes of 2 bytes>"),
        (datetime.date(2026, 11, 24), "datetime.date(2026, 11, 24)"),
        ([pathlib.PurePosixPath("a")], "[\"PurePosixPath('a')\"]"),
        (Bad(), "<Bad without a repr>"),
        ("\ud800x", "?x"),
    ],
)
def test_rendering(value: Any, expected: str) -> None:
    assert render(value, 1000) == expected


def test_cycles_and_depth_end() -> None:
    cycle: list[Any] = [1]
    cycle.append(cycle)
    assert json.loads(render(cycle, 1000))[0] == 1
    deep: Any = "end"
    for _ in range(500):
        deep = [deep]
    assert len(render(deep, 1000)) < 2000


def test_large_values_are_cut() -> None:
    assert render("x" * 30, 20) == "x" * 20 + "… [cut: 10 characters]"
    assert len(render(list(range(10**6)), 100)) < 200
    assert len(plain({str(i): i for i in range(10**5)}, 50)) < 60
    entries = render_entries({"a": "y" * 50, "b": 1, "c": ["z" * 50]}, 20)
    assert entries["b"] == 1 and entries["a"].startswith("y" * 20 + "…")
    assert len(json.dumps(entries)) < 250
    assert render_entries("plain", 20) == {"value": "plain"}


def test_the_limit_is_a_setting(sent: Callable[..., Server]) -> None:
    server = sent("phoenix", max_value_chars=50)
    with assay.span("one", input=["x" * 1000], output={"a": "b"}):
        pass
    assert assay.flush()
    a = server.span("one").attributes
    assert len(a["input.value"]) < 100 and a["input.mime_type"] == "text/plain"
    assert a["output.mime_type"] == "application/json"


def test_usage_objects_of_clients(sent: Callable[..., Server]) -> None:
    class Usage:
        def __init__(self) -> None:
            self.prompt_tokens = 5
            self.completion_tokens = 6
            self.details = None

    server = sent("phoenix")
    with assay.span("one", type="generation", usage=Usage(), cost={"input": 0.1, "total": 0.3}):
        pass
    assert assay.flush()
    a = server.span("one").attributes
    assert (a["llm.token_count.prompt"], a["llm.token_count.completion"]) == (5, 6)
    assert (a["llm.cost.prompt"], a["llm.cost.total"]) == (0.1, 0.3)
