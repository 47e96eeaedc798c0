"""How observations are written as attributes of spans: Langfuse's, OpenInference's and GenAI's conventions."""

from __future__ import annotations

from typing import Any, Optional, Union

from ._values import dumps, render, render_entries, text

Attribute = Union[str, bool, int, float, list[str]]
Attributes = dict[str, Attribute]

TYPES = (
    "span",
    "generation",
    "event",
    "embedding",
    "agent",
    "tool",
    "chain",
    "retriever",
    "guardrail",
    "evaluator",
)

# Names under which clients of models report tokens, by the bucket they stand for.
_INPUT = ("input", "input_tokens", "prompt_tokens", "prompt")
_OUTPUT = ("output", "output_tokens", "completion_tokens", "completion")
_TOTAL = ("total", "total_tokens")
_CACHED = ("input_cached_tokens", "cache_read_input_tokens", "cached_tokens")


def _number(value: Any) -> Optional[Union[int, float]]:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value


def numbers(value: Any) -> dict[str, Union[int, float]]:
    """The numbers of a mapping, or of an object that has them as attributes, as clients of models return usage."""
    if hasattr(value, "model_dump"):
        value = value.model_dump()
    elif not isinstance(value, dict) and hasattr(value, "__dict__"):
        value = vars(value)
    if not isinstance(value, dict):
        return {}
    found = {text(key): _number(item) for key, item in value.items()}
    return {key: item for key, item in found.items() if item is not None}


def costs(value: Any) -> dict[str, Union[int, float]]:
    """A cost in US dollars by bucket; a plain number is the total."""
    total = _number(value)
    return numbers(value) if total is None else {"total": total}


def _first(values: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((values[name] for name in names if name in values), None)


class Dialect:
    """One convention. Each method returns attributes to set."""

    def __init__(self, limit: int) -> None:
        self.limit = limit

    def kind(self, kind: str, name: str) -> Attributes:
        """What kind of work a span is."""
        raise NotImplementedError

    def field(self, kind: str, key: str, value: Any) -> Attributes:
        """One field of an observation."""
        raise NotImplementedError

    def trace(self, key: str, value: Any) -> Attributes:
        """One field of the trace."""
        raise NotImplementedError

    def root(self, has_parent: bool) -> Attributes:
        """What marks the first span of this application in a trace."""
        return {}

    renames_root = True
    """Whether the trace is called what its root span is called."""
    one_metadata = True
    """Whether spans have metadata, and traces none of their own."""


class Langfuse(Dialect):
    """Langfuse's own attributes, which Assay takes as well."""

    renames_root = False
    one_metadata = False

    def kind(self, kind: str, name: str) -> Attributes:
        return {"langfuse.observation.type": kind}

    def field(self, kind: str, key: str, value: Any) -> Attributes:
        prefix = "langfuse.observation."
        if key in ("input", "output"):
            return {prefix + key: render(value, self.limit)}
        if key == "model":
            return {prefix + "model.name": text(value)}
        if key == "model_parameters":
            return {prefix + "model.parameters": dumps(render_entries(value, self.limit))}
        if key == "usage":
            return {prefix + "usage_details": dumps(numbers(value))}
        if key == "cost":
            return {prefix + "cost_details": dumps(costs(value))}
        if key == "metadata":
            return {prefix + "metadata": dumps(render_entries(value, self.limit))}
        if key == "completion_start_time":
            # JSON within the text, as Langfuse's own clients write it.
            return {prefix + "completion_start_time": dumps(value.isoformat())}
        return {prefix + key: text(value)}

    def trace(self, key: str, value: Any) -> Attributes:
        if key == "metadata":
            return {"langfuse.trace.metadata": dumps(render_entries(value, self.limit))}
        if key == "tags":
            return {"langfuse.trace.tags": [text(tag) for tag in value]}
        if key == "public":
            return {"langfuse.trace.public": bool(value)}
        names = {"name": "langfuse.trace.name", "user_id": "user.id", "session_id": "session.id"}
        return {names[key]: text(value)}

    def root(self, has_parent: bool) -> Attributes:
        # Its parent belongs to another pipeline and may never arrive.
        return {"langfuse.internal.is_app_root": True} if has_parent else {}


class _Shared(Dialect):
    """What OpenInference and GenAI write alike."""

    def trace(self, key: str, value: Any) -> Attributes:
        if key == "tags":
            return {"tag.tags": [text(tag) for tag in value]}
        if key == "public":
            return {}
        names = {"name": "assay.trace.name", "user_id": "user.id", "session_id": "session.id"}
        return {names[key]: text(value)}

    def content(self, key: str, value: Any) -> Attributes:
        written = render(value, self.limit)
        # What was cut is no JSON any more.
        whole = not isinstance(value, str) and not written.endswith(" characters]")
        mime = "application/json" if whole else "text/plain"
        return {f"{key}.value": written, f"{key}.mime_type": mime}


class OpenInference(_Shared):
    """What Phoenix reads."""

    _KINDS = {"generation": "LLM", "span": "CHAIN", "event": "CHAIN"}

    def kind(self, kind: str, name: str) -> Attributes:
        attributes: Attributes = {"openinference.span.kind": self._KINDS.get(kind, kind.upper())}
        if kind == "tool":
            attributes["tool.name"] = name
        if kind == "agent":
            attributes["agent.name"] = name
        return attributes

    def field(self, kind: str, key: str, value: Any) -> Attributes:
        if key in ("input", "output"):
            return self.content(key, value)
        if key == "model":
            return {("embedding" if kind == "embedding" else "llm") + ".model_name": text(value)}
        if key == "model_parameters":
            return {"llm.invocation_parameters": dumps(render_entries(value, self.limit))}
        if key == "usage":
            return self._counts("llm.token_count.", numbers(value))
        if key == "cost":
            return self._counts("llm.cost.", costs(value))
        if key == "metadata":
            return {"metadata": dumps(render_entries(value, self.limit))}
        if key == "completion_start_time":
            return {}
        return {f"assay.observation.{key}": text(value)}

    @staticmethod
    def _counts(prefix: str, values: dict[str, Union[int, float]]) -> Attributes:
        named = {
            "prompt": _first(values, _INPUT),
            "completion": _first(values, _OUTPUT),
            "total": _first(values, _TOTAL),
            "prompt_details.cache_read": _first(values, _CACHED),
        }
        return {prefix + name: value for name, value in named.items() if value is not None}


class GenAi(_Shared):
    """OpenTelemetry's conventions for generative AI; `input.value` and the like where they have no attribute."""

    _OPERATIONS = {
        "generation": "chat",
        "embedding": "embeddings",
        "agent": "invoke_agent",
        "tool": "execute_tool",
        "retriever": "retrieval",
        "chain": "invoke_workflow",
    }

    def kind(self, kind: str, name: str) -> Attributes:
        attributes: Attributes = {}
        if kind in self._OPERATIONS:
            attributes["gen_ai.operation.name"] = self._OPERATIONS[kind]
        if kind in ("agent", "tool"):
            attributes[f"gen_ai.{kind}.name"] = name
        return attributes

    def field(self, kind: str, key: str, value: Any) -> Attributes:
        if key in ("input", "output"):
            return self._content(kind, key, value)
        if key == "model":
            return {"gen_ai.request.model": text(value)}
        if key == "model_parameters":
            return self._parameters(value)
        if key == "usage":
            counts = numbers(value)
            named = {
                "input_tokens": _first(counts, _INPUT),
                "output_tokens": _first(counts, _OUTPUT),
                "cache_read.input_tokens": _first(counts, _CACHED),
            }
            return {f"gen_ai.usage.{n}": v for n, v in named.items() if v is not None}
        if key == "cost":
            cost = costs(value)
            total = _first(cost, _TOTAL)
            return {"gen_ai.usage.cost": sum(cost.values()) if total is None else total} if cost else {}
        if key == "metadata":
            return {"metadata": dumps(render_entries(value, self.limit))}
        if key == "completion_start_time":
            return {}
        return {f"assay.observation.{key}": text(value)}

    def trace(self, key: str, value: Any) -> Attributes:
        attributes = super().trace(key, value)
        if key == "session_id":
            attributes["gen_ai.conversation.id"] = text(value)
        return attributes

    def _content(self, kind: str, key: str, value: Any) -> Attributes:
        if kind in ("generation", "agent"):
            role = "user" if key == "input" else "assistant"
            return {f"gen_ai.{key}.messages": self._messages(value, role)}
        if kind == "tool":
            name = "arguments" if key == "input" else "result"
            return {f"gen_ai.tool.call.{name}": render(value, self.limit)}
        return self.content(key, value)

    def _messages(self, value: Any, role: str) -> str:
        """Messages as a list of roles and parts; anything that has no role is one message."""
        listed = value if isinstance(value, list) else [value]
        messages = []
        for item in listed:
            if not (isinstance(item, dict) and "role" in item):
                listed = [{"role": role, "content": value}]
                break
        for item in listed:
            if "parts" in item:
                messages.append(item)
                continue
            content = item.get("content")
            message: dict[str, Any] = {"role": item["role"], "parts": []}
            if content is not None:
                message["parts"].append({"type": "text", "content": render(content, self.limit)})
            for call in item.get("tool_calls") or []:
                function = call.get("function", {}) if isinstance(call, dict) else {}
                part = {"type": "tool_call", "name": function.get("name"), "arguments": function.get("arguments")}
                if isinstance(call, dict) and call.get("id"):
                    part["id"] = call["id"]
                message["parts"].append(part)
            messages.append(message)
        return render(messages, self.limit)

    def _parameters(self, value: Any) -> Attributes:
        attributes: Attributes = {}
        for name, item in render_entries(value, self.limit).items():
            if item is None:
                continue
            plain = item if isinstance(item, (str, bool, int, float)) else dumps(item)
            attributes[f"gen_ai.request.{name}"] = plain
        return attributes


def dialect(exporter: str, limit: int) -> Dialect:
    """The convention of an exporter."""
    kinds: dict[str, type[Dialect]] = {"phoenix": OpenInference, "otlp": GenAi}
    return kinds.get(exporter, Langfuse)(limit)
