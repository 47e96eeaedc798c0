"""DeepEval's `evaluate` over metrics that ask no model: how many cases a second it scores.

Prints one JSON object: the package's version, and cases per second. The cases are those that Assay is given; of metrics without a
judge DeepEval has two that need nothing else: exact and pattern match.
"""

import argparse
import contextlib
import json
import os
import sys
import time
from importlib.metadata import version

os.environ.setdefault("DEEPEVAL_TELEMETRY_OPT_OUT", "YES")
os.environ.setdefault("ERROR_REPORTING", "NO")

from deepeval import evaluate  # noqa: E402
from deepeval.evaluate.configs import AsyncConfig, CacheConfig, DisplayConfig  # noqa: E402
from deepeval.metrics import ExactMatchMetric, PatternMatchMetric  # noqa: E402
from deepeval.test_case import LLMTestCase  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, required=True)
    args = parser.parse_args()
    cases = [
        LLMTestCase(
            input=f"Where is parcel {i}?",
            actual_output=f"Parcel {i} is in Lyon and comes on Friday.",
            expected_output=f"Parcel {i} is in Lyon and comes on Friday.",
        )
        for i in range(args.cases)
    ]
    metrics = [ExactMatchMetric(), PatternMatchMetric(pattern=r"Parcel \d+ is in .*")]
    # What it prints is not ours to read, and costs it time.
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        began = time.perf_counter()
        result = evaluate(
            test_cases=cases,
            metrics=metrics,
            async_config=AsyncConfig(run_async=True, max_concurrent=20),
            display_config=DisplayConfig(show_indicator=False, print_results=False),
            cache_config=CacheConfig(write_cache=False, use_cache=False),
        )
        took = time.perf_counter() - began
    if not all(one.success for one in result.test_results):
        sys.exit("not every case passed")
    print(json.dumps({"version": version("deepeval"), "cases_per_s": args.cases / took}))


if __name__ == "__main__":
    main()
