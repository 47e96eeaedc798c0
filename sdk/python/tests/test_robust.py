"""What must never disturb the application: no settings, no server, hostile values, the end of the process, forks."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any, Callable

import pytest
from conftest import Server

import assay

SRC = str(Path(assay.__file__).parents[1])
CLOSED = "http://127.0.0.1:9"


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    assert all(r.levelno == logging.WARNING for r in caplog.records if r.name == "assay")
    return [r.getMessage() for r in caplog.records if r.name == "assay"]


def run(script: str, url: str, **environment: str) -> tuple[subprocess.CompletedProcess[str], float]:
    """A script in a process of its own, and how many seconds it took."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("ASSAY_", "OTEL_"))}
    settings = {"ASSAY_BASE_URL": url, "ASSAY_PUBLIC_KEY": "pk", "ASSAY_SECRET_KEY": "sk", "PYTHONPATH": SRC}
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        env={**clean, **settings, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done, time.monotonic() - start


def use_everything() -> None:
    @assay.observe
    def f(x: int) -> int:
        return x

    assert f(1) == 1
    with assay.span("a", type="tool") as s:
        s.update(input=1, usage={"input": 1})
        s.score("x", 1)
        assay.update_trace(user_id="u")
        assay.score("x", 1)
    assay.score("x", 1, trace_id="ab" * 16)


def test_without_settings_nothing_happens_and_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    use_everything()
    use_everything()
    with assay.span("a"):
        assert assay.current_trace_id() is None
    assert assay.flush() is True
    assert warnings(caplog) == ["assay: nothing is recorded: ASSAY_BASE_URL is not set"]


@pytest.mark.parametrize(
    "settings,reason",
    [
        ({"exporter": "zipkin"}, "zipkin"),
        ({"base_url": "ftp://x", "public_key": "a", "secret_key": "b"}, "ftp://x"),
        ({"base_url": "http://x"}, "ASSAY_PUBLIC_KEY"),
        ({"exporter": "langfuse"}, "LANGFUSE_PUBLIC_KEY"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_wrong_settings_do_not_raise(
    caplog: pytest.LogCaptureFixture, settings: dict[str, Any], reason: str
) -> None:
    assay.init(**settings)
    use_everything()
    said = warnings(caplog)
    assert len(said) == 1 and reason in said[0]


def test_can_be_switched_off(sent: Callable[..., Server], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSAY_ENABLED", "false")
    server = sent()
    use_everything()
    assay.flush()
    assert server.requests == []


def test_an_unreachable_server_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    assay.init(base_url=CLOSED, public_key="pk", secret_key="sk", timeout_s=0.3, exit_timeout_s=1)
    for _ in range(3):
        with assay.span("a"):
            pass
        assay.flush(3)
    assert len([r for r in caplog.records if r.levelno >= logging.WARNING]) == 1
    assert "could not be sent to http://127.0.0.1:9/v1/traces" in warnings(caplog)[0]


def test_nothing_raises_for_hostile_values(sent: Callable[..., Server]) -> None:
    class Hostile:
        def __repr__(self) -> str:
            raise RuntimeError

        def __str__(self) -> str:
            raise RuntimeError

        def __bool__(self) -> bool:
            raise RuntimeError

    class Odd(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    server = sent()
    odd: Any = Hostile()
    with assay.span("a", type="unheard-of") as s:
        s.update(input=odd, metadata={"a": odd}, usage=odd, cost=odd, level=odd, model=odd)
        s.update(metadata=odd, model_parameters=odd, completion_start_time=odd)
        s.update(output="kept")
        assay.update_trace(user_id=odd, tags=odd, metadata=odd)
        assay.score(odd, odd)
        s.score("x", odd)
    with pytest.raises(Odd):
        with assay.span("b"):
            raise Odd
    assert assay.flush()
    a = server.span("a")
    assert a.attributes["langfuse.observation.type"] == "span"
    assert a.attributes["langfuse.observation.output"] == "kept"
    assert a.attributes["langfuse.observation.input"] == "<Hostile without a repr>"
    assert server.span("b").status == 2


def test_the_queue_is_bounded(sent: Callable[..., Server]) -> None:
    server = sent(queue_size=10)
    server.hold.clear()
    for i in range(500):
        with assay.span(f"s{i}"):
            assay.score("x", i)
    server.hold.set()
    assay.flush()
    assert 0 < len(server.spans()) < 100
    assert 0 < len(server.posts("/api/public/scores")) < 100


def test_a_foreign_parent_makes_an_application_root(sent: Callable[..., Server]) -> None:
    from opentelemetry.sdk.trace import TracerProvider

    server = sent()
    with TracerProvider().get_tracer("other").start_as_current_span("other") as other:
        with assay.span("ours"):
            with assay.span("child"):
                pass
    assert assay.flush()
    ours = server.span("ours")
    assert int(ours.parent_id, 16) == other.get_span_context().span_id
    assert ours.attributes["langfuse.internal.is_app_root"] is True
    assert "langfuse.internal.is_app_root" not in server.span("child").attributes


def test_the_trace_can_be_updated_after_its_root_has_ended(sent: Callable[..., Server]) -> None:
    server = sent()
    with assay.span("root") as root:
        late = assay.span("late")
        late.__enter__()
        root.end()
        late.update_trace(tags=["x"], metadata={"a": 1})
        late.__exit__(None, None, None)
    assert assay.flush()
    assert server.span("late").attributes["langfuse.trace.tags"] == ["x"]
    assert "langfuse.trace.tags" not in server.span("root").attributes


def test_the_end_of_the_process_sends_the_rest(server: Server) -> None:
    done, _ = run(
        """
        import assay
        with assay.span("last"):
            assay.score("x", 1)
        """,
        server.url,
        ASSAY_FLUSH_INTERVAL_S="60",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert server.span("last").name == "last"
    assert len(server.posts("/api/public/scores")) == 1


def test_an_uncaught_exception_ends_the_process_as_ever(server: Server) -> None:
    done, _ = run(
        """
        import assay
        @assay.observe
        def main():
            raise ValueError("mine")
        main()
        """,
        server.url,
    )
    assert done.returncode == 1 and "ValueError: mine" in done.stderr
    assert server.span("main").status == 2


@pytest.mark.parametrize("hangs", [False, True])
def test_the_end_of_the_process_is_not_held_up(server: Server, hangs: bool) -> None:
    server.hold.clear()
    done, seconds = run(
        """
        import assay
        for i in range(300):
            with assay.span("x"):
                assay.score("x", 1)
        """,
        server.url if hangs else CLOSED,
        ASSAY_EXIT_TIMEOUT_S="1",
    )
    assert done.returncode == 0
    assert seconds < 8
    assert done.stdout == "" and "Traceback" not in done.stderr
    assert 1 <= len(done.stderr.strip().splitlines()) <= 3, done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_forked_children_send_their_own(server: Server) -> None:
    done, _ = run(
        """
        import multiprocessing, os
        import assay
        with assay.span("before"):
            assay.score("before", 1)
        def child(name):
            with assay.span(name):
                assay.score(name, 1)
        pid = os.fork()
        if pid == 0:
            child("forked")
            assay.shutdown()
            os._exit(0)
        os.waitpid(pid, 0)
        process = multiprocessing.get_context("fork").Process(target=child, args=("process",))
        process.start()
        process.join()
        child("after")
        """,
        server.url,
        ASSAY_FLUSH_INTERVAL_S="60",
    )
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr
    assert sorted(span.name for span in server.spans()) == ["after", "before", "forked", "process"]
    assert sorted(body["name"] for body in server.posts("/api/public/scores")) == [
        "after",
        "before",
        "forked",
        "process",
    ]


def test_shutdown_and_new_settings(sent: Callable[..., Server]) -> None:
    server = sent()
    with assay.span("one"):
        pass
    sent("phoenix")
    with assay.span("two"):
        pass
    assay.shutdown()
    with assay.span("three"):
        pass
    assert assay.flush() is True
    assert [span.name for span in server.spans()] == ["one", "two"]
