"""The decorator: functions, coroutines, generators and asynchronous generators as observations."""

from __future__ import annotations

import datetime
import functools
import inspect
from typing import Any, Callable, Optional, TypeVar, Union, cast, overload

from ._log import guarded
from ._runtime import runtime
from ._span import Span

F = TypeVar("F", bound=Callable[..., Any])


@overload
def observe(function: F) -> F: ...


@overload
def observe(
    function: None = None,
    *,
    name: Optional[str] = None,
    type: str = "span",
    capture_input: bool = True,
    capture_output: bool = True,
) -> Callable[[F], F]: ...


def observe(
    function: Optional[F] = None,
    *,
    name: Optional[str] = None,
    type: str = "span",
    capture_input: bool = True,
    capture_output: bool = True,
) -> Union[F, Callable[[F], F]]:
    """Records every call of a function as an observation, with or without arguments to the decorator.

    `type` is `span`, `generation`, `event`, `embedding`, `agent`, `tool`, `chain`, `retriever`, `guardrail` or
    `evaluator`. Arguments become the input, without `self` and `cls`; what is returned or yielded becomes the output. An
    exception is recorded and goes on unchanged. Code within the function updates the observation by
    `assay.current_span().update(...)`.
    """

    def decorate(function: F) -> F:
        called = name or getattr(function, "__name__", None) or "function"
        make = _Calls(function, called, type, capture_input, capture_output)
        if inspect.isasyncgenfunction(function):
            wrapper = _async_generator(function, make)
        elif inspect.isgeneratorfunction(function):
            wrapper = _generator(function, make)
        elif inspect.iscoroutinefunction(function):
            wrapper = _coroutine(function, make)
        else:
            wrapper = _function(function, make)
        return cast(F, functools.wraps(function)(wrapper))

    return decorate if function is None else decorate(function)


class _Calls:
    """Makes the observation of each call."""

    def __init__(
        self, function: Callable[..., Any], name: str, kind: str, capture_input: bool, capture_output: bool
    ) -> None:
        self._name = name
        self._kind = kind
        self._input = capture_input
        self._output = capture_output
        self._signature: Optional[inspect.Signature]
        try:
            self._signature = inspect.signature(function)
        except (TypeError, ValueError):
            self._signature = None

    def start(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Span:
        span = Span(self._name, self._kind)
        span._start()
        if self._input and self._captures(span):
            self._record_input(span, args, kwargs)
        return span

    def output(self, span: Span, value: Any) -> None:
        if self._output and value is not None and self._captures(span):
            span._set("output", value)

    def yields(self, span: Span) -> _Yields:
        limit = span._runtime.settings.max_value_chars if span._runtime is not None else 0
        return _Yields(span, self, limit if self._output and self._captures(span) else 0)

    @staticmethod
    def _captures(span: Span) -> bool:
        return span._runtime is not None and span._runtime.settings.capture_content

    @guarded()
    def _record_input(self, span: Span, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        try:
            if self._signature is None:
                raise TypeError
            named = dict(self._signature.bind(*args, **kwargs).arguments)
        except TypeError:
            # The call itself is about to fail, or it cannot be described; its arguments are worth having all the same.
            named = {"args": list(args), **kwargs}
        first = next(iter(named), None)
        if first in ("self", "cls"):
            del named[first]
        if named:
            span._set("input", named)


class _Yields:
    """What a generator yields: joined when it is text, else a list. Stops collecting where it would be cut."""

    def __init__(self, span: Span, calls: _Calls, limit: int) -> None:
        self._span = span
        self._calls = calls
        self._left = limit
        self._items: list[Any] = []
        self._first = True

    @guarded()
    def add(self, item: Any) -> None:
        if self._first:
            self._first = False
            if self._span._kind == "generation":
                self._span._set("completion_start_time", datetime.datetime.now(datetime.timezone.utc))
        if self._left > 0:
            self._items.append(item)
            self._left -= len(item) if isinstance(item, str) else 16

    @guarded()
    def finish(self, returned: Any = None) -> None:
        if self._items and all(isinstance(item, str) for item in self._items):
            self._calls.output(self._span, "".join(self._items))
        elif self._items:
            self._calls.output(self._span, self._items)
        else:
            self._calls.output(self._span, returned)


def _function(function: Callable[..., Any], calls: _Calls) -> Callable[..., Any]:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if runtime() is None:
            return function(*args, **kwargs)
        span = calls.start(args, kwargs)
        span._attach()
        try:
            result = function(*args, **kwargs)
            calls.output(span, result)
            return result
        except BaseException as error:
            span._fail(error)
            raise
        finally:
            span._detach()
            span.end()

    return wrapper


def _coroutine(function: Callable[..., Any], calls: _Calls) -> Callable[..., Any]:
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        if runtime() is None:
            return await function(*args, **kwargs)
        span = calls.start(args, kwargs)
        span._attach()
        try:
            result = await function(*args, **kwargs)
            calls.output(span, result)
            return result
        except BaseException as error:
            span._fail(error)
            raise
        finally:
            span._detach()
            span.end()

    return wrapper


# The observation of a generator is current only while the generator runs: between two steps the caller's code runs, in
# a context of its own.


def _generator(function: Callable[..., Any], calls: _Calls) -> Callable[..., Any]:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if runtime() is None:
            return (yield from function(*args, **kwargs))
        span = calls.start(args, kwargs)
        yields = calls.yields(span)
        returned: Any = None
        try:
            inner = function(*args, **kwargs)
            step, sent = inner.send, None
            while True:
                span._attach()
                try:
                    item = step(sent)
                except StopIteration as stop:
                    returned = stop.value
                    return returned
                finally:
                    span._detach()
                yields.add(item)
                try:
                    sent = yield item
                    step = inner.send
                except GeneratorExit:
                    span._attach()
                    try:
                        inner.close()
                    finally:
                        span._detach()
                    raise
                except BaseException as error:
                    step, sent = inner.throw, error
        except BaseException as error:
            span._fail(error)
            raise
        finally:
            yields.finish(returned)
            span.end()

    return wrapper


def _async_generator(function: Callable[..., Any], calls: _Calls) -> Callable[..., Any]:
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        span = calls.start(args, kwargs)
        yields = calls.yields(span)
        try:
            inner = function(*args, **kwargs)
            step, sent = inner.asend, None
            while True:
                span._attach()
                try:
                    item = await step(sent)
                except StopAsyncIteration:
                    return
                finally:
                    span._detach()
                yields.add(item)
                try:
                    sent = yield item
                    step = inner.asend
                except GeneratorExit:
                    span._attach()
                    try:
                        await inner.aclose()
                    finally:
                        span._detach()
                    raise
                except BaseException as error:
                    step, sent = inner.athrow, error
        except BaseException as error:
            span._fail(error)
            raise
        finally:
            yields.finish()
            span.end()

    return wrapper
