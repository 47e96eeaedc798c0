"""Settings: arguments of `init` first, then the environment, then defaults."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass, field
from typing import Optional

EXPORTERS = ("assay", "langfuse", "phoenix", "otlp")


class Unusable(Exception):
    """Why nothing can be sent, for a person."""


@dataclass(frozen=True)
class Settings:
    """Where to send, and how much."""

    exporter: str
    """One of `EXPORTERS`."""
    base_url: Optional[str] = None
    """Without a slash at the end; `None` where OpenTelemetry's own settings hold."""
    headers: dict[str, str] = field(default_factory=dict)
    """Headers of every request."""
    project: Optional[str] = None
    """Phoenix's project."""
    environment: Optional[str] = None
    release: Optional[str] = None
    service_name: Optional[str] = None
    capture_content: bool = True
    """Whether inputs and outputs are captured by decorators at all."""
    max_value_chars: int = 100_000
    """Longer inputs, outputs and values of metadata are cut."""
    queue_size: int = 2048
    """Spans that wait; more are dropped."""
    timeout_s: float = 5.0
    """For one request with its retries."""
    exit_timeout_s: float = 3.0
    """How long the end of the process may wait for what is not sent yet."""
    flush_interval_s: float = 1.0
    """How long a span waits at most before it is sent."""

    @property
    def traces_url(self) -> Optional[str]:
        """Where spans go; `None` where OpenTelemetry's own settings hold."""
        if self.base_url is None:
            return None
        path = "/api/public/otel/v1/traces" if self.exporter == "langfuse" else "/v1/traces"
        return self.base_url + path

    @property
    def scores_url(self) -> Optional[str]:
        """Where scores go; `None` where they are events of spans."""
        if self.base_url is None or self.exporter == "otlp":
            return None
        path = "/v1/span_annotations" if self.exporter == "phoenix" else "/api/public/scores"
        return self.base_url + path


def _env(*names: str) -> Optional[str]:
    for name in names:
        value = os.environ.get(name, "").strip()
        if value:
            return value
    return None


def _flag(name: str, default: bool) -> bool:
    value = _env(name)
    return default if value is None else value.lower() not in ("0", "false", "no", "off")


def _number(given: Optional[float], name: str, default: float, least: float) -> float:
    if given is None:
        text = _env(name)
        try:
            given = default if text is None else float(text)
        except ValueError:
            raise Unusable(f"{name} is not a number") from None
    return max(float(given), least)


def _basic(public_key: Optional[str], secret_key: Optional[str], prefix: str) -> dict[str, str]:
    if not public_key or not secret_key:
        raise Unusable(f"{prefix}_PUBLIC_KEY and {prefix}_SECRET_KEY are not both set")
    token = base64.b64encode(f"{public_key}:{secret_key}".encode()).decode("ascii")
    return {"Authorization": f"Basic {token}"}


def _base(url: str, *suffixes: str) -> str:
    url = url.rstrip("/")
    for suffix in suffixes:
        if url.endswith(suffix):
            url = url[: -len(suffix)].rstrip("/")
    if not url.startswith(("http://", "https://")):
        raise Unusable(f"{url!r} is not an http or https URL")
    return url


def resolve(
    *,
    exporter: Optional[str] = None,
    base_url: Optional[str] = None,
    public_key: Optional[str] = None,
    secret_key: Optional[str] = None,
    api_key: Optional[str] = None,
    project: Optional[str] = None,
    environment: Optional[str] = None,
    release: Optional[str] = None,
    service_name: Optional[str] = None,
    capture_content: Optional[bool] = None,
    max_value_chars: Optional[int] = None,
    queue_size: Optional[int] = None,
    timeout_s: Optional[float] = None,
    exit_timeout_s: Optional[float] = None,
    flush_interval_s: Optional[float] = None,
) -> Settings:
    """The settings that hold. Raises `Unusable` when there is nowhere to send to."""
    if not _flag("ASSAY_ENABLED", True):
        raise Unusable("ASSAY_ENABLED is off")
    exporter = (exporter or _env("ASSAY_EXPORTER") or "assay").lower()
    headers: dict[str, str] = {}
    url: Optional[str]
    if exporter == "assay":
        url = base_url or _env("ASSAY_BASE_URL")
        if url is None:
            raise Unusable("ASSAY_BASE_URL is not set")
        url = _base(url, "/v1/traces")
        headers = _basic(
            public_key or _env("ASSAY_PUBLIC_KEY"), secret_key or _env("ASSAY_SECRET_KEY"), "ASSAY"
        )
    elif exporter == "langfuse":
        url = base_url or _env("LANGFUSE_BASE_URL", "LANGFUSE_HOST")
        url = _base(url or "https://cloud.langfuse.com", "/v1/traces", "/api/public/otel")
        headers = _basic(
            public_key or _env("LANGFUSE_PUBLIC_KEY"),
            secret_key or _env("LANGFUSE_SECRET_KEY"),
            "LANGFUSE",
        )
    elif exporter == "phoenix":
        url = base_url or _env("PHOENIX_COLLECTOR_ENDPOINT")
        url = _base(url or "http://localhost:6006", "/v1/traces")
        key = api_key or _env("PHOENIX_API_KEY")
        if key:
            headers = {"Authorization": f"Bearer {key}"}
    elif exporter == "otlp":
        url = _base(base_url, "/v1/traces") if base_url else None
    else:
        raise Unusable(f"ASSAY_EXPORTER is {exporter!r}, not one of {', '.join(EXPORTERS)}")
    if capture_content is None:
        capture_content = _flag("ASSAY_CAPTURE_CONTENT", True)
    return Settings(
        exporter=exporter,
        base_url=url,
        headers=headers,
        project=project or _env("PHOENIX_PROJECT_NAME", "ASSAY_PROJECT"),
        environment=environment or _env("ASSAY_ENVIRONMENT", "LANGFUSE_TRACING_ENVIRONMENT"),
        release=release or _env("ASSAY_RELEASE", "LANGFUSE_RELEASE"),
        service_name=service_name or _env("ASSAY_SERVICE_NAME"),
        capture_content=capture_content,
        max_value_chars=int(_number(max_value_chars, "ASSAY_MAX_VALUE_CHARS", 100_000, 16)),
        queue_size=int(_number(queue_size, "ASSAY_QUEUE_SIZE", 2048, 1)),
        timeout_s=_number(timeout_s, "ASSAY_TIMEOUT_S", 5, 0.1),
        exit_timeout_s=_number(exit_timeout_s, "ASSAY_EXIT_TIMEOUT_S", 3, 0),
        flush_interval_s=_number(flush_interval_s, "ASSAY_FLUSH_INTERVAL_S", 1, 0.01),
    )
