// Datasets and their items, and an experiment over them whose run is found by its name.

import { startObservation } from "@langfuse/tracing";

import { equal, eventually, flush, langfuse, shutdown, unique, wholeTrace } from "./common.mjs";

const CAPITALS = { France: "Paris", Italy: "Rome", Peru: "Lima" };
const GUESSES = { France: "Paris", Italy: "Rome", Peru: "Cusco" };

const name = unique("clients/capitals & more");
const made = await langfuse.api.datasets.create({ name, description: "capitals", metadata: { owner: "ada" } });
const ids = {};
for (const [country, capital] of Object.entries(CAPITALS)) {
  ids[country] = unique(country);
  await langfuse.dataset.createItem({
    datasetName: name,
    id: ids[country],
    input: { country },
    expectedOutput: capital,
    metadata: { letters: country.length },
  });
}

// Pages of two, so that the client has to follow them.
const dataset = await langfuse.dataset.get(name, { fetchItemsPageSize: 2 });
equal([dataset.id, dataset.name, dataset.metadata], [made.id, name, { owner: "ada" }], "the dataset");
equal(dataset.items.map((i) => i.id).sort(), Object.values(ids).sort(), "its items");
for (const item of dataset.items) {
  const { country } = item.input;
  equal([item.id, item.expectedOutput], [ids[country], CAPITALS[country]], `the item of ${country}`);
  equal([item.metadata, item.status], [{ letters: country.length }, "ACTIVE"], `metadata of ${country}`);
}

const runName = unique("run of the week/1");
const result = await dataset.runExperiment({
  name: "capitals",
  runName,
  description: "which capitals are known",
  metadata: { model: "gpt-4o-mini" },
  task: async ({ input }) => {
    startObservation("ask the model", { model: "gpt-4o-mini" }, { asType: "generation" }).end();
    return GUESSES[input.country];
  },
  evaluators: [
    async ({ output, expectedOutput }) => ({ name: "exact", value: output === expectedOutput ? 1 : 0 }),
  ],
  runEvaluators: [
    async ({ itemResults }) => {
      const right = itemResults.flatMap((r) => r.evaluations.map((e) => e.value));
      return { name: "accuracy", value: right.reduce((a, b) => a + b, 0) / right.length };
    },
  ],
});
await flush();
equal([result.itemResults.length, result.runName], [3, runName], "the experiment");

for (const { item, traceId, output } of result.itemResults) {
  const { country } = item.input;
  equal(output, GUESSES[country], `the answer for ${country}`);
  const found = await wholeTrace(traceId, 2);
  equal(JSON.parse(found["experiment-item-run"].input), { country }, `input of the trace of ${country}`);
  equal(found["experiment-item-run"].environment, "sdk-experiment", "environment of an experiment");
  const scores = await eventually(`the score of ${country}`, async () => {
    const { data } = await langfuse.api.scores.getMany({ traceId });
    return data.length > 0 && data;
  });
  equal([scores[0].name, scores[0].value], ["exact", Number(GUESSES[country] === CAPITALS[country])], "its score");
}

const run = await langfuse.getDatasetRun(name, runName);
equal([run.id, run.name, run.description], [result.datasetRunId, runName, "which capitals are known"], "the run");
equal([run.metadata, run.datasetId], [{ model: "gpt-4o-mini" }, dataset.id], "metadata and dataset of the run");
const links = Object.fromEntries(run.datasetRunItems.map((i) => [i.datasetItemId, i.traceId]));
equal(links, Object.fromEntries(result.itemResults.map((r) => [r.item.id, r.traceId])), "items and their traces");
const ofRun = (await langfuse.api.scores.getMany({ datasetRunId: run.id })).data;
equal(ofRun.map((s) => s.name), ["accuracy"], "the score of the run");
equal((await langfuse.getDatasetRuns(name)).data.map((r) => r.name), [runName], "runs of the dataset");

equal(Boolean((await langfuse.api.datasetItems.delete(ids.Peru)).message), true, "the answer to a deletion");
equal((await langfuse.dataset.get(name)).items.length, 2, "the items that are left");
await shutdown();
