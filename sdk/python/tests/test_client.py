"""Calls of the platform: where it is, patience, and what is said where there is no answer."""

from __future__ import annotations

import email.utils
import socket
import time
from typing import Any, Optional

import pytest
from scripted import Scripted, after, problem, scripted, verdict

import assay

CASE = assay.Case(input="q", actual_output="a")


def client(server: Scripted, **settings: Any) -> assay.Client:
    return assay.Client(base_url=server.url, public_key="pk", secret_key="sk", **settings)


def fine(path: str, body: Any, number: int) -> Any:
    return {"results": [verdict(m, "passed", 1.0) for m in body["metrics"]]}


def test_settings_are_those_of_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(assay.NotConfigured, match="ASSAY_BASE_URL is not set"):
        assay.assert_test(CASE, "a")
    monkeypatch.setenv("ASSAY_BASE_URL", "http://127.0.0.1:9/")
    with pytest.raises(assay.NotConfigured, match="ASSAY_PUBLIC_KEY and ASSAY_SECRET_KEY"):
        assay.assert_test(CASE, "a")
    monkeypatch.setenv("ASSAY_PUBLIC_KEY", "pk")
    monkeypatch.setenv("ASSAY_SECRET_KEY", "sk")
    monkeypatch.setenv("ASSAY_EVALUATE_TIMEOUT_S", "7")
    found = assay.Client()
    assert (found.base_url, found.timeout_s) == ("http://127.0.0.1:9", 7)
    monkeypatch.setenv("ASSAY_EVALUATE_TIMEOUT_S", "soon")
    with pytest.raises(assay.NotConfigured, match="ASSAY_EVALUATE_TIMEOUT_S is not a number"):
        assay.Client()


def test_what_init_was_told_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted(fine) as server:
        assay.init(base_url=server.url, public_key="other", secret_key="key")
        assert assay.assert_test(CASE, "a").passed
        assert server.headers[0]["authorization"] == "Basic b3RoZXI6a2V5"
        # What traces of the application are sent to is another thing.
        assay.init(exporter="langfuse", base_url="http://127.0.0.1:9", public_key="pk", secret_key="sk")
        with pytest.raises(assay.NotConfigured):
            assay.assert_test(CASE, "a")


def test_nothing_there_is_said_soon() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    begun = time.monotonic()
    with pytest.raises(assay.Unreachable, match="cannot be reached.*is the platform up") as raised:
        # That nothing was evaluated at all is never ignored.
        assay.assert_test(
            CASE, "a", client=assay.Client(base_url=url, public_key="pk", secret_key="sk"), ignore_errors=True
        )
    assert url in str(raised.value) and time.monotonic() - begun < 5


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("told", ["0.2", None, "date"])
def test_it_waits_where_it_is_asked_to(status: int, told: Optional[str]) -> None:
    def answer(path: str, body: Any, number: int) -> Any:
        when = email.utils.formatdate(time.time() + 1, usegmt=True) if told == "date" else told
        headers = {"Retry-After": when} if when else {}
        return problem(status, "Too much", headers) if number < 2 else fine(path, body, number)

    with scripted(answer) as server:
        assert assay.assert_test(CASE, "a", client=client(server)).passed
    assert len(server.paths) == 3


def test_waiting_has_an_end() -> None:
    with scripted(lambda *_: problem(503, "Away", {"Retry-After": "3600"})) as server:
        begun = time.monotonic()
        with pytest.raises(assay.MetricError, match="HTTP 503: Away"):
            assay.assert_test(CASE, "a", client=client(server, timeout_s=1))
        assert time.monotonic() - begun < 3 and len(server.paths) == 1


def test_an_answer_that_does_not_come_is_an_error_of_the_case() -> None:
    def answer(path: str, body: Any, number: int) -> Any:
        return after(3 if body["case"]["input"] == "slow" else 0, fine(path, body, number))

    with scripted(answer) as server:
        slow = client(server, timeout_s=0.5)
        cases = [assay.Case(input=one) for one in ("a", "slow", "b")]
        found = assay.evaluate(cases, ["m", "n"], client=slow)
        assert [r.metric("m").status for r in found] == ["passed", "error", "passed"]
        assert "did not answer within 0.5 s" in found[1].metric("n").reason
        with pytest.raises(assay.MetricError, match="did not answer"):
            assay.assert_test(cases[1], "m", client=slow)


def test_an_answer_that_trickles_has_an_end() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"

        def trickle() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                try:
                    for _ in range(100):
                        connection.sendall(b" ")
                        time.sleep(0.1)
                except OSError:
                    pass

        import threading

        threading.Thread(target=trickle, daemon=True).start()
        impatient = assay.Client(base_url=url, public_key="pk", secret_key="sk", timeout_s=0.6)
        begun = time.monotonic()
        with pytest.raises(assay.TimedOut):
            impatient.call("GET", "/api/v1/models")
        assert time.monotonic() - begun < 5


@pytest.mark.parametrize("status,words", [(401, "Unauthenticated"), (403, "Forbidden"), (422, "Invalid")])
def test_what_is_refused_raises_and_ends_the_rest(status: int, words: str) -> None:
    errors = [{"field": "/metrics/0/params", "message": "must have `values`"}]
    with scripted(lambda *_: problem(status, words, errors=errors)) as server:
        with pytest.raises(assay.Refused, match=f"{words}: in detail; /metrics/0/params must have") as raised:
            assay.evaluate([CASE] * 200, "a", concurrency=2, client=client(server))
        assert raised.value.status == status and raised.value.problem["errors"] == errors
        assert len(server.paths) < 50
        with pytest.raises(assay.Refused):
            assay.assert_test(CASE, "a", client=client(server), ignore_errors=True)


@pytest.mark.parametrize(
    "answer",
    [
        (200, {}, b"<html>"),
        (200, {}, b'{"results": []}'),
        (200, {}, b'{"results": ["x"]}'),
        (200, {}, b"[]"),
        (200, {}, b""),
        (404, {}, b"<html>no"),
    ],
)
def test_what_is_no_platform_is_told(answer: Any) -> None:
    with scripted(lambda *_: answer) as server, pytest.raises(assay.AssayError, match=server.url):
        assay.assert_test(CASE, "a", client=client(server))


def test_a_status_of_a_later_platform_is_an_error() -> None:
    def answer(path: str, body: Any, number: int) -> Any:
        return {"results": [verdict(body["metrics"][0], "pondering", 1.0)]}

    with scripted(answer) as server, pytest.raises(assay.MetricError):
        assay.assert_test(CASE, "a", client=client(server))


def test_keys_do_not_follow_a_redirect() -> None:
    with scripted(fine) as elsewhere:
        moved = (307, {"Location": elsewhere.url + "/api/v1/evaluate"}, b"")
        with scripted(lambda *_: moved) as server:
            with pytest.raises(assay.Refused, match="redirects to"):
                assay.assert_test(CASE, "a", client=client(server))
    assert elsewhere.paths == []


def test_a_judge_is_named_by_its_id_or_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(path: str, body: Any, number: int) -> Any:
        if path.startswith("/api/v1/models"):
            return {"data": [{"id": "m-1"}] if "name=my+judge" in path else []}
        return fine(path, body, number)

    with scripted(answer) as server:
        calling = client(server)
        assay.assert_test(CASE, "bias", judge="m-9", client=calling)
        for _ in range(2):
            assay.assert_test(CASE, "bias", judge="name:my judge", client=calling)
        monkeypatch.setenv("ASSAY_JUDGE", "m-env")
        assay.assert_test(CASE, "bias", client=calling)
        asked = [body.get("judge_model_id") for body in server.bodies if body]
        assert asked == ["m-9", "m-1", "m-1", "m-env"]
        assert sum(path.startswith("/api/v1/models") for path in server.paths) == 1
        with pytest.raises(assay.AssayError, match="no model of the name 'none'"):
            assay.assert_test(CASE, "bias", judge="name:none", client=calling)
