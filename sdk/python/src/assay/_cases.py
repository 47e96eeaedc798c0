"""What is evaluated, and by what: cases and metrics, as dataclasses or as plain dictionaries."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional, Union


@dataclass
class ToolCall:
    """One call of a tool by the agent."""

    name: str
    input_parameters: Any = None
    """The arguments, an object as a rule."""
    output: Any = None
    """What the tool answered, when known."""


@dataclass
class Message:
    """One message of a conversation."""

    role: str
    """`system`, `user`, `assistant` or `tool`."""
    content: str
    tool_calls: Sequence[Union[ToolCall, Mapping[str, Any]]] = ()
    """Tools that the assistant called to produce it."""
    retrieval_context: Sequence[str] = ()
    """What the assistant retrieved to produce it."""
    audio: Optional[Mapping[str, Any]] = None
    """The turn as it was heard: `url` (`data:audio/wav;base64,...`), `start_time` in seconds, `transcript`."""
    provider_transcript: Optional[str] = None
    """What the agent took the user's words to be, on its answer."""
    intended_content: Optional[str] = None
    """What the agent meant to say, where `content` is what was heard of it."""


@dataclass
class Case:
    """One conversation, or one question and answer, ready to be scored. Which fields it needs depends on the metrics."""

    input: str = ""
    """The last thing that the user said."""
    actual_output: Optional[str] = None
    """The last thing that the agent said; `None` when there was no answer."""
    expected_output: Optional[str] = None
    """The reference answer."""
    context: Sequence[str] = ()
    """Ideal facts."""
    retrieval_context: Sequence[str] = ()
    """What the agent retrieved."""
    tools_called: Sequence[Union[ToolCall, Mapping[str, Any]]] = ()
    """Tools that the agent called over the whole conversation, in order."""
    expected_tools: Optional[Sequence[Union[ToolCall, Mapping[str, Any]]]] = None
    """Tools that it should have called; `None` when the case says nothing of tools."""
    messages: Sequence[Union[Message, Mapping[str, Any]]] = ()
    """The whole conversation."""
    latency_ms: Optional[float] = None
    """Wall time of the slowest answer, in milliseconds."""
    cost_usd: Optional[float] = None
    """Cost of all calls of the agent, in US dollars."""
    usage: Optional[Mapping[str, int]] = None
    """Tokens that the agent spent: `input` and `output`."""
    scenario: Optional[str] = None
    """The situation in which the conversation takes place."""
    expected_outcome: Optional[str] = None
    """What the conversation should lead to."""
    user_description: Optional[str] = None
    """Who the user is."""
    chatbot_role: Optional[str] = None
    """The part that the agent has to play."""
    trace: Optional[Mapping[str, Any]] = None
    """What the agent did, where a trace tells."""
    end_reason: Optional[str] = None
    """Why a spoken conversation ended, e.g. `USER_HANGUP` or `AGENT_HANGUP`."""
    name: Optional[str] = None
    """What the case is called in reports; it is not sent."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Fields that the platform knows and this version of the package does not."""


@dataclass
class Metric:
    """One metric as a case is asked by it."""

    kind: str
    """Which metric, as `GET /api/v1/metrics` lists them."""
    name: Optional[str] = None
    """What it is called; its kind when absent."""
    threshold: Optional[float] = None
    """The score at and above which a case passes; the kind's own when absent."""
    params: Optional[Mapping[str, Any]] = None
    """Parameters of the kind."""
    flaky: bool = False
    """Whether it is told but never decides."""

    @property
    def display_name(self) -> str:
        """The name it reports under."""
        return self.name or self.kind


CaseLike = Union[Case, Mapping[str, Any]]
MetricLike = Union[Metric, str, Mapping[str, Any]]


def as_case(given: CaseLike) -> Case:
    """A case from what a caller gives. Raises `TypeError` or `ValueError` that names what is wrong."""
    if isinstance(given, Case):
        return given
    if not isinstance(given, Mapping):
        raise TypeError(f"a case is an assay.Case or a mapping, not {type(given).__name__}")
    _known(given, Case, "a case", "Other fields of the platform go into `extra`.")
    return Case(**given)


def as_metrics(given: Union[MetricLike, Iterable[MetricLike]]) -> list[Metric]:
    """Metrics from what a caller gives: one, or several. Raises `TypeError` or `ValueError` that names what is wrong."""
    several = [given] if isinstance(given, (Metric, str, Mapping)) else list(given)
    if not several:
        raise ValueError("there must be at least one metric")
    metrics = [_metric(one) for one in several]
    names = [metric.display_name for metric in metrics]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"two metrics are called {name!r}: give one of them another `name`")
    return metrics


def _metric(given: MetricLike) -> Metric:
    if isinstance(given, Metric):
        return given
    if isinstance(given, str):
        return Metric(given)
    if not isinstance(given, Mapping):
        raise TypeError(f"a metric is an assay.Metric, its kind, or a mapping, not {type(given).__name__}")
    _known(given, Metric, "a metric", "Parameters of its kind go into `params`.")
    if "kind" not in given:
        raise ValueError("a metric needs a `kind`")
    return Metric(**given)


def _known(given: Mapping[str, Any], shape: type, what: str, hint: str) -> None:
    # The platform reads what it knows of a case: a field that is misspelt would be as if it were not there.
    names = [f.name for f in dataclasses.fields(shape)]
    for key in given:
        if key not in names:
            near = difflib.get_close_matches(str(key), names, 1)
            guess = f" Did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"{what} has no field {key!r}.{guess} {hint}")


def case_body(case: Case) -> dict[str, Any]:
    """A case as the platform takes it."""
    body = {**_body(case, without=("name", "extra")), **dict(case.extra)}
    for listed in ("tools_called", "messages", "expected_tools"):
        if body.get(listed) is not None:
            body[listed] = [_part(one) for one in body[listed]]
    return body


def metric_body(metric: Metric) -> dict[str, Any]:
    """A metric as the platform takes it."""
    return _body(metric, without=("flaky",))


def _body(value: Any, without: Sequence[str] = ()) -> dict[str, Any]:
    fields = ((f.name, getattr(value, f.name)) for f in dataclasses.fields(value))
    return {name: _plain(v) for name, v in fields if name not in without and v is not None}


def _part(one: Any) -> dict[str, Any]:
    if not isinstance(one, (ToolCall, Message)):
        return dict(one)
    body = _body(one)
    if "tool_calls" in body:
        body["tool_calls"] = [_part(call) for call in body["tool_calls"]]
    return body


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return list(value)
    return value
