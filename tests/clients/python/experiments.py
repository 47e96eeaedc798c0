"""An experiment over a dataset: its traces, its scores, and its run, which is found by the name of the run."""

import hashlib
import json

from langfuse import Evaluation

from common import MAJOR, an_hour_ago, client, equal, eventually, fields, observations, refused, unique

if MAJOR == 4:
    from langfuse.api import NotFoundError
elif MAJOR == 3:
    from langfuse.api.resources.commons.errors import NotFoundError

CAPITALS = {"France": "Paris", "Italy": "Rome", "Peru": "Lima"}
GUESSES = {"France": "Paris", "Italy": "Rome", "Peru": "Cusco"}

langfuse = client()
dataset_name, run_name = unique("clients/capitals of the world"), unique("run of the week/1")
langfuse.create_dataset(name=dataset_name)
ids = {}
for country, capital in CAPITALS.items():
    ids[country] = unique(country)
    langfuse.create_dataset_item(
        dataset_name=dataset_name,
        id=ids[country],
        input={"country": country},
        expected_output=capital,
        metadata={"continent": "America" if country == "Peru" else "Europe"},
    )


def guess(*, item, **_):
    """The application that is looked at. It leaves a trace of its own."""
    with langfuse.start_as_current_observation(name="ask the model", as_type="generation", model="gpt-4o-mini"):
        return GUESSES[item.input["country"]]


def exact(*, output, expected_output, **_):
    """Whether the answer is the expected one."""
    return Evaluation(name="exact", value=float(output == expected_output), comment=f"said {output}")


def accuracy(*, item_results, **_):
    """How many answers of the run are right."""
    right = [e.value for result in item_results for e in result.evaluations]
    return Evaluation(name="accuracy", value=round(sum(right) / len(right), 3))


dataset = langfuse.get_dataset(dataset_name)
result = dataset.run_experiment(
    name="capitals",
    run_name=run_name,
    description="which capitals are known",
    task=guess,
    evaluators=[exact],
    run_evaluators=[accuracy],
    metadata={"model": "gpt-4o-mini"},
)
langfuse.flush()
equal(len(result.item_results), 3, "items that were run")
equal([e.value for e in result.run_evaluations], [0.667], "accuracy")
traces = {r.trace_id: r.item for r in result.item_results}

# The id of a run follows from project, dataset and name of the run, whichever version of the SDK makes it.
project = langfuse.api.projects.get().data[0].id
named = json.dumps(
    ["langfuse-experiment-v1", project, dataset.id, run_name], separators=(",", ":"), ensure_ascii=False
)
run_id = hashlib.sha256(named.encode()).hexdigest()[:16]
equal(result.experiment_id if MAJOR >= 5 else result.dataset_run_id, run_id, "the id of the run")

# Each item has a trace, with what the application did inside.
for trace_id, item in traces.items():

    def read():
        found = {o["name"]: o for o in observations(langfuse, trace_id=trace_id, limit=100)}
        return found if {"experiment-item-run", "ask the model"} <= found.keys() else None

    found = eventually("the trace of an item", read)
    country = item.input["country"]
    top = found["experiment-item-run"]
    equal(json.loads(top["input"]), {"country": country}, "input of the item's trace")
    equal(top["output"], GUESSES[country], "output of the item's trace")
    equal(top["environment"], "sdk-experiment", "environment of an experiment")
    equal(found["ask the model"]["type"], "GENERATION", "what the application did")


def scores(**query):
    """Scores by the version of the API that this SDK reads."""
    api = langfuse.api.score_v_2.get if MAJOR == 3 else langfuse.api.scores.get_many
    return [fields(s) for s in api(**query).data]


for trace_id, item in traces.items():
    country = item.input["country"]
    score = eventually("the score of an item", lambda: scores(trace_id=trace_id))[0]
    equal((score["name"], score["value"]), ("exact", float(GUESSES[country] == CAPITALS[country])), f"score of {country}")
of_run = {"experiment_id": run_id} if MAJOR >= 5 else {"dataset_run_id": run_id}
score = eventually("the score of the run", lambda: scores(**of_run))[0]
equal((score["name"], score["value"]), ("accuracy", 0.667), "the score of the run")

if MAJOR >= 4:
    listed = lambda: langfuse.api.experiments.list(
        from_start_time=an_hour_ago(), id=run_id, fields="core,metadata,scores"
    ).data
    run = eventually("the experiment with all its items", lambda: [e for e in listed() if e.item_count == 3])[0]
    equal((run.id, run.name, run.description), (run_id, run_name, "which capitals are known"), "the experiment")
    equal((run.dataset_id, run.metadata), (dataset.id, {"model": "gpt-4o-mini"}), "dataset and metadata")
    equal([(s.name, s.value) for s in run.scores], [("accuracy", 0.667)], "the experiment's own score")
    by_name = langfuse.api.experiments.list(from_start_time=an_hour_ago(), name=run_name).data
    equal([e.id for e in by_name], [run_id], "the experiment by its name")

    groups = "core,dataset,io,itemMetadata,scores"
    items = langfuse.api.experiments.list_items(from_start_time=an_hour_ago(), experiment_id=run_id, fields=groups).data
    equal({i.experiment_item_id for i in items}, set(ids.values()), "items of the experiment")
    equal({i.trace_id for i in items}, set(traces), "traces of the items")
    for item in items:
        asked = item.input if isinstance(item.input, dict) else json.loads(item.input)
        country = asked["country"]
        equal(item.experiment_item_id, ids[country], f"the item of {country}")
        equal((item.output, item.expected_output), (GUESSES[country], CAPITALS[country]), f"answers of {country}")
        continent = "America" if country == "Peru" else "Europe"
        equal(item.experiment_item_metadata, {"continent": continent}, f"metadata of {country}")
        equal((item.experiment_name, item.experiment_dataset_id), (run_name, dataset.id), f"experiment of {country}")
        equal([s.name for s in item.scores], ["exact"], f"scores of {country}")

if MAJOR <= 4:
    run = eventually(
        "the run with all its items",
        lambda: [
            r
            for r in [langfuse.get_dataset_run(dataset_name=dataset_name, run_name=run_name)]
            if len(r.dataset_run_items) == 3
        ],
    )[0]
    equal((run.id, run.name, run.description), (run_id, run_name, "which capitals are known"), "the run")
    equal((run.metadata, run.dataset_id, run.dataset_name), ({"model": "gpt-4o-mini"}, dataset.id, dataset_name), "of it")
    links = {i.dataset_item_id: i.trace_id for i in run.dataset_run_items}
    equal(links, {item.id: trace_id for trace_id, item in traces.items()}, "items and their traces")
    runs = langfuse.get_dataset_runs(dataset_name=dataset_name)
    equal([(r.id, r.name) for r in runs.data], [(run_id, run_name)], "the runs of the dataset")
    linked = langfuse.api.dataset_run_items.list(dataset_id=dataset.id, run_name=run_name)
    equal({i.dataset_item_id for i in linked.data}, set(ids.values()), "items of the run, listed")

# Data need not be in a dataset.
local = langfuse.run_experiment(
    name=unique("local"), data=[{"input": "2 + 2", "expected_output": "4"}], task=lambda *, item, **_: "4", evaluators=[exact]
)
langfuse.flush()
equal([e.value for e in local.item_results[0].evaluations], [1.0], "an experiment over local data")
trace_id = local.item_results[0].trace_id
eventually("its trace", lambda: observations(langfuse, trace_id=trace_id))

if MAJOR <= 4:
    equal(bool(langfuse.delete_dataset_run(dataset_name=dataset_name, run_name=run_name).message), True, "deletion")
    refused(
        NotFoundError,
        lambda: langfuse.api.datasets.get_run("clients%2Fno such dataset", "no such run"),
        "a run that is not there",
    )
    equal(langfuse.get_dataset_runs(dataset_name=dataset_name).data, [], "the runs that are left")
