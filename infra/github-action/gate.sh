#!/usr/bin/env bash
# Runs a campaign and judges it. Ends with the exit code of `assay gate`.
set -euo pipefail

metrics=()
while IFS= read -r metric; do
  if [ -n "$metric" ]; then metrics+=(--metric "$metric"); fi
done <<<"$INPUT_METRICS"

# Whether it is good enough is for the gate to say.
"$INPUT_ASSAY" run --target "$INPUT_TARGET" --dataset "$INPUT_DATASET" "${metrics[@]}" --name "$INPUT_NAME" --gate 0

baseline=()
if [ -n "$INPUT_BASELINE" ]; then baseline=(--baseline "$INPUT_BASELINE"); fi
judge() {
  "$INPUT_ASSAY" gate "name:$INPUT_NAME" "${baseline[@]}" --gate "$INPUT_GATE" --inconclusive "$INPUT_INCONCLUSIVE" "$@"
}

# The same judgement thrice, in three forms: it stores nothing, and is the same each time.
judge --output md >>"${GITHUB_STEP_SUMMARY:-/dev/null}" || true
judge --output json >"${RUNNER_TEMP:-/tmp}/assay-gate.json" || true
verdict=$(sed -n 's/^    "verdict": "\([A-Z]*\)".*/\1/p' "${RUNNER_TEMP:-/tmp}/assay-gate.json" | head -n 1)
echo "verdict=$verdict" >>"${GITHUB_OUTPUT:-/dev/null}"
judge --output github
