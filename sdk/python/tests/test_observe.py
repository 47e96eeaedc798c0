"""The decorator on every kind of function, and exceptions of the application."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any, Callable

import pytest
from conftest import Recorded, Server

import assay


class Oops(Exception):
    """One of the application's."""


def content(span: Recorded, side: str) -> Any:
    return span.attributes.get(f"langfuse.observation.{side}")


def kind(span: Recorded) -> Any:
    return span.attributes["langfuse.observation.type"]


def failed(span: Recorded, message: str) -> None:
    assert span.status == 2
    assert span.attributes["langfuse.observation.level"] == "ERROR"
    assert span.attributes["langfuse.observation.status_message"] == message
    assert [name for name, _ in span.events] == ["exception"]


def test_functions_nest(sent: Callable[..., Server]) -> None:
    server = sent()

    @assay.observe(type="tool")
    def inner(a: int, b: int = 2, *rest: int, **more: int) -> int:
        """Adds."""
        return a + b

    class Agent:
        @assay.observe
        def outer(self, q: str) -> str:
            assay.current_span().update(metadata={"at": assay.current_span_id()})  # type: ignore[union-attr]
            return q * inner(1, 1, 5, x=6)

        @classmethod
        @assay.observe(name="made", capture_input=False, capture_output=False)
        def make(cls, secret: str) -> str:
            return secret

    assert Agent().outer("ab") == "abab"
    assert Agent.make("s") == "s"
    assert (inner.__name__, inner.__doc__) == ("inner", "Adds.")
    assert assay.current_span() is None and assay.current_trace_id() is None
    assert assay.flush()
    outer, one, made = server.span("outer"), server.span("inner"), server.span("made")
    assert json.loads(content(outer, "input")) == {"q": "ab"} and content(outer, "output") == "abab"
    assert json.loads(content(one, "input")) == {"a": 1, "b": 1, "rest": [5], "more": {"x": 6}}
    assert (content(one, "output"), kind(one)) == ("2", "tool")
    assert one.parent_id == outer.span_id
    assert json.loads(outer.attributes["langfuse.observation.metadata"]) == {"at": outer.span_id}
    assert content(made, "input") is None and content(made, "output") is None


def test_coroutines_keep_apart(sent: Callable[..., Server]) -> None:
    server = sent()

    @assay.observe
    async def child(n: int) -> int:
        await asyncio.sleep(0.01 * (3 - n))
        return n

    @assay.observe
    async def parent(n: int) -> int:
        assay.update_trace(user_id=f"u{n}")
        await asyncio.sleep(0.01)
        return await child(n)

    async def main() -> list[int]:
        return await asyncio.gather(*(parent(n) for n in range(3)))

    assert asyncio.iscoroutinefunction(parent)
    assert asyncio.run(main()) == [0, 1, 2]
    assert assay.flush()
    spans = server.spans()
    parents = {span.span_id: span for span in spans if span.name == "parent"}
    children = [span for span in spans if span.name == "child"]
    assert len(parents) == len(children) == len({span.trace_id for span in parents.values()}) == 3
    for span in children:
        assert content(parents[span.parent_id], "output") == content(span, "output")
        assert span.attributes["user.id"] == f"u{content(span, 'output')}"


def test_generators(sent: Callable[..., Server]) -> None:
    server = sent()
    seen = []

    @assay.observe(type="generation")
    def words(n: int) -> Iterator[str]:
        for i in range(n):
            with assay.span(f"step{i}"):
                seen.append(assay.current_trace_id())
            got = yield f"w{i} "
            if got:
                seen.append(got)
        return "end"

    assert inspect.isgeneratorfunction(words)
    with assay.span("around") as around:
        stream = words(2)
        assert next(stream) == "w0 "
        # Between two steps the caller's own observation is current.
        assert assay.current_span_id() == around.span_id
        assert stream.send("hey") == "w1 "
        with pytest.raises(StopIteration) as stop:
            next(stream)
        assert stop.value.value == "end"
    assert assay.flush()
    span = server.span("words")
    assert content(span, "output") == "w0 w1 "
    assert span.attributes["langfuse.observation.completion_start_time"].startswith('"20')
    assert span.parent_id == around.span_id
    assert server.span("step0").parent_id == server.span("step1").parent_id == span.span_id
    assert seen == [span.trace_id, "hey", span.trace_id]


def test_generators_that_end_early_or_fail(sent: Callable[..., Server]) -> None:
    server = sent()
    closed = []

    @assay.observe
    def numbers() -> Iterator[int]:
        try:
            yield 1
            yield 2
        except Oops:
            yield 3
            raise
        finally:
            closed.append(True)

    early = numbers()
    assert next(early) == 1
    early.close()
    assert closed == [True]
    thrown = numbers()
    next(thrown)
    assert thrown.throw(Oops("x")) == 3  # type: ignore[attr-defined]
    with pytest.raises(Oops):
        next(thrown)
    assert assay.flush()
    first, second = server.spans()
    assert first.status == 0 and json.loads(content(first, "output")) == [1]
    failed(second, "Oops: x")
    assert json.loads(content(second, "output")) == [1, 3]


def test_async_generators(sent: Callable[..., Server]) -> None:
    server = sent()
    closed = []

    @assay.observe(type="generation")
    async def tokens(fail: bool) -> AsyncIterator[str]:
        try:
            yield "a"
            with assay.span("inside"):
                await asyncio.sleep(0)
            if fail:
                raise Oops("late")
            yield "b"
        finally:
            closed.append(True)

    async def main() -> None:
        assert [t async for t in tokens(False)] == ["a", "b"]
        with pytest.raises(Oops, match="late"):
            async for _ in tokens(True):
                assert assay.current_span() is None
        early = tokens(False)
        assert await early.__anext__() == "a"
        await early.aclose()  # type: ignore[attr-defined]

    assert inspect.isasyncgenfunction(tokens)
    asyncio.run(main())
    assert closed == [True] * 3
    assert assay.flush()
    whole, broken, early = [span for span in server.spans() if span.name == "tokens"]
    assert content(whole, "output") == "ab" and whole.status == 0
    failed(broken, "Oops: late")
    assert content(early, "output") == "a" and early.status == 0
    insides = [span for span in server.spans() if span.name == "inside"]
    assert {span.parent_id for span in insides} == {whole.span_id, broken.span_id}


def test_exceptions_go_on_unchanged(sent: Callable[..., Server]) -> None:
    server = sent()
    error = Oops("bad")

    @assay.observe
    def sync() -> None:
        raise error

    @assay.observe
    async def coroutine() -> None:
        raise error

    with pytest.raises(Oops) as caught:
        sync()
    assert caught.value is error and error.__cause__ is None and error.__context__ is None
    with pytest.raises(Oops) as caught:
        asyncio.run(coroutine())
    assert caught.value is error
    with pytest.raises(Oops) as caught:
        with assay.span("block"):
            raise error
    assert caught.value is error
    with pytest.raises(TypeError, match="unexpected"):
        sync(wrong=1)  # type: ignore[call-arg]
    with pytest.raises(KeyboardInterrupt):
        with assay.span("interrupt"):
            raise KeyboardInterrupt
    assert assay.flush()
    for name in ("coroutine", "block"):
        failed(server.span(name), "Oops: bad")
    failed(server.span("interrupt"), "KeyboardInterrupt: ")
    spans = [span for span in server.spans() if span.name == "sync"]
    failed(spans[0], "Oops: bad")
    assert json.loads(content(spans[1], "input")) == {"args": [], "wrong": 1}


def test_content_can_be_left_out(sent: Callable[..., Server]) -> None:
    server = sent(capture_content=False)

    @assay.observe
    def f(secret: str) -> str:
        return secret

    @assay.observe
    def g(secret: str) -> Iterator[str]:
        yield secret

    f("s3cret")
    list(g("s3cret"))
    assert assay.flush()
    assert len(server.spans()) == 2
    assert not any(b"s3cret" in body for _, _, body in server.requests)
