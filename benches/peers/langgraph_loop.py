"""A two-node LangGraph loop over its SQLite checkpointer: how many super-steps a second it saves.

Prints one JSON object: super-steps per second for each way to run it. `sync` means that a step's checkpoint is written
before the next step starts, as Assay does it; `async`, LangGraph's default, writes it while the next step runs.
`threads` is the number of chains that run at the same time over one checkpointer.
"""

import argparse
import json
import sqlite3
import tempfile
import threading
import time
from importlib.metadata import version
from pathlib import Path
from typing import TypedDict

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph


class State(TypedDict):
    """What a run of one test case would carry: a counter and the last two messages."""

    n: int
    limit: int
    user: str
    answer: str


def simulate(state: State) -> dict:
    return {"n": state["n"] + 1, "user": f"question {state['n']}"}


def target(state: State) -> dict:
    return {"n": state["n"] + 1, "answer": f"you said {state['user']}"}


def build(saver: SqliteSaver):
    graph = StateGraph(State)
    graph.add_node("simulate", simulate)
    graph.add_node("target", target)
    graph.add_edge(START, "simulate")
    graph.add_edge("simulate", "target")
    graph.add_conditional_edges("target", lambda s: END if s["n"] >= s["limit"] else "simulate")
    return graph.compile(checkpointer=saver)


def measure(folder: Path, durability: str, threads: int, steps: int) -> float:
    path = folder / f"{durability}-{threads}.db"
    connection = sqlite3.connect(path, check_same_thread=False)
    # As the embedded engine sets it; SQLite's default would cost the peer a disk flush for each step.
    connection.execute("PRAGMA synchronous = NORMAL")
    saver = SqliteSaver(connection)
    saver.setup()
    graph = build(saver)
    per_thread = max(2, steps // threads)
    per_thread += per_thread % 2

    def run(name: str, limit: int) -> None:
        config = {"configurable": {"thread_id": name}, "recursion_limit": limit + 10}
        start = {"n": 0, "limit": limit, "user": "", "answer": ""}
        end = graph.invoke(start, config, durability=durability)
        assert end["n"] == limit, end

    run("warm-up", 20)
    before = connection.execute("SELECT count(*) FROM checkpoints").fetchone()[0]
    workers = [threading.Thread(target=run, args=(f"t{i}", per_thread)) for i in range(threads)]
    began = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    took = time.perf_counter() - began
    saved = connection.execute("SELECT count(*) FROM checkpoints").fetchone()[0] - before
    connection.close()
    # One checkpoint for each super-step and one for the input, or it was not durable.
    assert saved >= per_thread * threads, (saved, per_thread, threads)
    return per_thread * threads / took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--threads", type=int, default=16)
    parser.add_argument("--dir", default=None)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.dir) as folder:
        rates = [
            {"durability": d, "threads": t, "steps_per_s": measure(Path(folder), d, t, args.steps)}
            for d in ("sync", "async")
            for t in (1, args.threads)
        ]
    print(json.dumps({"version": version("langgraph"), "rates": rates}))


if __name__ == "__main__":
    main()
