"""Datasets and their items: any JSON goes in and comes out, pages are followed, ids are upserted, items are deleted."""

import urllib.parse

from common import MAJOR, client, equal, refused, unique

if MAJOR >= 4:
    from langfuse.api import NotFoundError
else:
    from langfuse.api.resources.commons.errors import NotFoundError

langfuse = client()
name = unique("clients/folder b/questions & answers")

made = langfuse.create_dataset(
    name=name,
    description="what people ask",
    metadata={"owner": "ada", "size": 5},
    input_schema={"type": "object", "required": ["question"]},
)
equal((made.name, made.description, made.metadata), (name, "what people ask", {"owner": "ada", "size": 5}), "the dataset")
again = langfuse.create_dataset(name=name, description="what people ask us", metadata={"owner": "ada"})
equal((again.id, again.description), (made.id, "what people ask us"), "the dataset, written again")

ANSWERS = ["Paris", {"city": "Rome"}, ["Bern", "Zürich"], 42, None]
ids = [unique(f"item {n}") for n in range(len(ANSWERS))]
for n, (key, answer) in enumerate(zip(ids, ANSWERS)):
    item = langfuse.create_dataset_item(
        dataset_name=name,
        id=key,
        input={"question": f"number {n}?", "options": [n, None, True]},
        expected_output=answer,
        metadata={"row": n},
        source_trace_id="0af7651916cd43dd8448eb211c80319c" if n == 0 else None,
        source_observation_id="00f067aa0ba902b7" if n == 0 else None,
    )
    equal((item.id, item.dataset_name, item.dataset_id), (key, name, made.id), f"item {n}")

# Pages of two, so that the client has to follow them.
dataset = langfuse.get_dataset(name, fetch_items_page_size=2)
equal((dataset.id, dataset.name, dataset.metadata), (made.id, name, {"owner": "ada"}), "the dataset, read")
items = {item.id: item for item in dataset.items}
equal(len(dataset.items), len(ANSWERS), "the number of items")
for n, (key, answer) in enumerate(zip(ids, ANSWERS)):
    item = items[key]
    equal(item.input, {"question": f"number {n}?", "options": [n, None, True]}, f"input of item {n}")
    equal(item.expected_output, answer, f"expected output of item {n}")
    equal(item.metadata, {"row": n}, f"metadata of item {n}")
    equal(getattr(item.status, "value", item.status), "ACTIVE", f"status of item {n}")
equal(items[ids[0]].source_trace_id, "0af7651916cd43dd8448eb211c80319c", "the trace that an item comes from")
equal(items[ids[0]].source_observation_id, "00f067aa0ba902b7", "the observation that an item comes from")

langfuse.create_dataset_item(dataset_name=name, id=ids[1], input={"question": "changed?"}, expected_output="yes")
changed = langfuse.api.dataset_items.get(ids[1])
equal((changed.input, changed.expected_output), ({"question": "changed?"}, "yes"), "an item, written again")
equal(len(langfuse.get_dataset(name).items), len(ANSWERS), "an upsert adds no item")

own = langfuse.create_dataset_item(dataset_name=name, input={"question": "who gave this id?"})
equal(langfuse.api.dataset_items.get(own.id).input, {"question": "who gave this id?"}, "an item without an id")

gone = langfuse.api.dataset_items.delete(ids[2])
equal(bool(gone.message), True, "the answer to a deletion")
refused(NotFoundError, lambda: langfuse.api.dataset_items.get(ids[2]), "a deleted item")
equal(len(langfuse.get_dataset(name).items), len(ANSWERS), "one more and one less")

page = langfuse.api.dataset_items.list(dataset_name=name, page=2, limit=2)
equal((len(page.data), page.meta.total_items, page.meta.total_pages), (2, 5, 3), "the second page")
sources = langfuse.api.dataset_items.list(dataset_name=name, source_trace_id="0af7651916cd43dd8448eb211c80319c")
equal([item.id for item in sources.data], [ids[0]], "items from a trace")

every, number = [], 1
while True:
    page = langfuse.api.datasets.list(page=number, limit=1)
    every += [d.name for d in page.data]
    if page.meta.total_pages <= number:
        break
    number += 1
equal(every.count(name), 1, "the dataset in the list")
refused(NotFoundError, lambda: langfuse.api.datasets.get(urllib.parse.quote(unique("no such dataset"))), "no dataset")
