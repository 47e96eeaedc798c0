"""Our own SDK, under each setting of its exporter: what an application records is read back from the platform.

The application is a process of its own that never asks for anything to be sent: its end sends what waits. Where the server is
away it ends as well, on time and with its own answer.
"""

import base64
import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.error
import urllib.request

SDK = pathlib.Path(__file__).resolve().parents[3] / "sdk/python/src"
URL = os.environ["LANGFUSE_HOST"]
PUBLIC, SECRET = os.environ["LANGFUSE_PUBLIC_KEY"], os.environ["LANGFUSE_SECRET_KEY"]
BASIC = "Basic " + base64.b64encode(f"{PUBLIC}:{SECRET}".encode()).decode()

APPLICATION = '''
import sys, assay

@assay.observe(type="tool")
def search(query):
    return ["Refunds take 5 days."]

@assay.observe(type="agent")
def answer(question):
    assay.update_trace(name="support", user_id="u-17", session_id=sys.argv[1], tags=["gold"], metadata={"plan": "pro"})
    search("refund")
    with assay.span("draft", type="generation", model="large-1", model_parameters={"temperature": 0.5}) as draft:
        draft.update(input=[{"role": "user", "content": question}], output="5 days", usage={"input": 12, "output": 9}, cost=0.25)
        with assay.span("check", input="5 days") as check:
            check.update(output="fine", level="WARNING", status_message="by heart")
    try:
        with assay.span("look up", type="retriever"):
            raise ValueError("there is no such order")
    except ValueError:
        pass
    assay.score("grounded", 1, comment="cites a fact")
    print(assay.current_trace_id() or "-", flush=True)
    return "5 days"

assert answer("How long?") == "5 days"
'''


def settings(exporter, url):
    """What an operator sets for an exporter."""
    common = {"ASSAY_EXPORTER": exporter, "ASSAY_ENVIRONMENT": "staging", "ASSAY_RELEASE": "r-42"}
    return {
        "assay": {"ASSAY_BASE_URL": url, "ASSAY_PUBLIC_KEY": PUBLIC, "ASSAY_SECRET_KEY": SECRET},
        "langfuse": {"LANGFUSE_BASE_URL": url, "LANGFUSE_PUBLIC_KEY": PUBLIC, "LANGFUSE_SECRET_KEY": SECRET},
        "otlp": {
            "OTEL_EXPORTER_OTLP_ENDPOINT": url,
            "OTEL_EXPORTER_OTLP_HEADERS": "Authorization=" + BASIC.replace(" ", "%20"),
        },
    }[exporter] | common


def run(exporter, url, session):
    """The application in a process of its own: what it printed, and how many seconds it took."""
    prefixes = ("ASSAY_", "LANGFUSE_", "OTEL_", "PYTHON")
    clean = {k: v for k, v in os.environ.items() if not k.startswith(prefixes)}
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", APPLICATION, session],
        env={**clean, "PYTHONPATH": str(SDK), "PYTHONDONTWRITEBYTECODE": "1", **settings(exporter, url)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    equal(done.returncode, 0, f"{exporter}: the end of the application, which said {done.stderr}")
    return done.stdout.strip(), done.stderr, time.monotonic() - begun


def equal(found, expected, what):
    """Ends the program when the two differ."""
    if found != expected:
        raise SystemExit(f"{what}: expected {expected!r}, found {found!r}")


def platform(path):
    """What the platform's own API answers; `None` where there is no such thing."""
    request = urllib.request.Request(URL + path, headers={"Authorization": BASIC})
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return None
        raise


def whole(exporter, trace_id):
    """The trace, once all of it has arrived."""
    end = time.monotonic() + 20
    while True:
        trace = platform(f"/api/v1/traces/{trace_id}")
        if trace and len(trace["observations"]) == 5 and len(trace["scores"]) == 1:
            return trace
        if time.monotonic() > end:
            raise SystemExit(f"{exporter}: not whole: {json.dumps(trace)[:3000]}")
        time.sleep(0.2)


def check(exporter):
    session = f"session of {exporter}"
    trace_id, said, _ = run(exporter, URL, session)
    equal(said, "", f"{exporter}: warnings")
    trace = whole(exporter, trace_id)
    for field, value in {
        "name": "support",
        "user_id": "u-17",
        "session_id": session,
        "environment": "staging",
        "tags": ["gold"],
        "error_count": 1,
        "warning_count": 1,
        "total_cost_usd": 0.25,
        "usage": {"input": 12, "output": 9},
    }.items():
        equal(trace[field], value, f"{exporter}: {field} of the trace")
    equal("How long?" in json.dumps(trace["input"]), True, f"{exporter}: input of the trace, {trace['input']}")
    by_name = {o["name"]: o for o in trace["observations"]}
    root = next(o for o in trace["observations"] if o["parent_id"] is None)
    equal(root["type"], "AGENT", f"{exporter}: the root")
    # In OpenTelemetry what is said of a trace is said of its root.
    about = root if exporter == "otlp" else trace
    equal(about["metadata"].get("plan"), "pro", f"{exporter}: metadata of the trace")
    draft = by_name["draft"]
    for name, parent in [("search", root), ("draft", root), ("look up", root), ("check", draft)]:
        equal(by_name[name]["parent_id"], parent["id"], f"{exporter}: the parent of {name}")
    for field, value in {
        "type": "GENERATION",
        "model": "large-1",
        "usage": {"input": 12, "output": 9},
        "cost_usd": 0.25,
    }.items():
        equal(draft[field], value, f"{exporter}: {field} of the generation")
    equal(draft["model_parameters"].get("temperature"), 0.5, f"{exporter}: temperature")
    for content in ("How long?", "5 days"):
        told = json.dumps([draft["input"], draft["output"]])
        equal(content in told, True, f"{exporter}: {content} in {told}")
    equal(by_name["search"]["type"], "TOOL", f"{exporter}: the tool")
    equal(by_name["look up"]["level"], "ERROR", f"{exporter}: the failure")
    equal("no such order" in by_name["look up"]["status_message"], True, f"{exporter}: why it failed")
    warned = by_name["check"]["level"], by_name["check"]["status_message"]
    equal(warned, ("WARNING", "by heart"), f"{exporter}: the warning")
    score = trace["scores"][0]
    equal((score["name"], score["value"], score["comment"]), ("grounded", 1.0, "cites a fact"), f"{exporter}: the score")


for exporter in ("assay", "langfuse", "otlp"):
    check(exporter)
    # Nobody answers there.
    said, warned, seconds = run(exporter, "http://127.0.0.1:9", "away")
    equal(len(said), 32, f"{exporter}: the application's own output while the server is away")
    equal("Traceback" in warned, False, f"{exporter}: what is said of it, {warned}")
    equal(seconds < 15, True, f"{exporter}: {seconds} s for its end")
