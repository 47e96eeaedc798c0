"""What the programs share: a client, checks that say what is wrong, and reading back.

Each program runs with every major version of Langfuse's SDK that has what it is about. It takes the platform's address and
keys from LANGFUSE_BASE_URL, LANGFUSE_HOST, LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY, as the SDK does, and ends with a
message and exit code 1 at the first thing that is wrong.
"""

import datetime
import importlib.metadata
import json
import os
import time
import uuid

import httpx
from langfuse import Langfuse

# The major version of the SDK: 2, 3, 4 or 5.
MAJOR = int(importlib.metadata.version("langfuse").split(".")[0])

# Every group of fields that the second version of the observations API has.
ALL_FIELDS = "core,basic,time,io,metadata,model,usage,prompt,metrics,trace_context"


def unique(name):
    """A name that no other run of the program uses."""
    return f"{name} {uuid.uuid4().hex[:8]}"


def equal(found, expected, what):
    """Ends the program when the two differ."""
    if found != expected:
        raise SystemExit(f"{what}: expected {expected!r}, found {found!r}")


def close(found, expected, what):
    """Ends the program when two amounts of money differ by more than rounding."""
    if found is None or abs(found - expected) > 1e-9:
        raise SystemExit(f"{what}: expected {expected!r}, found {found!r}")


def refused(error, call, what):
    """Ends the program unless the call raises this very error, which it gives."""
    try:
        answer = call()
    except error as raised:
        return raised
    except Exception as other:
        raise SystemExit(f"{what}: expected {error.__name__}, found {type(other).__name__}: {other}")
    raise SystemExit(f"{what}: expected {error.__name__}, found {answer!r}")


def eventually(what, read, seconds=30):
    """What `read` gives as soon as it is true. Traces may take a moment from the answer to being readable."""
    end = time.monotonic() + seconds
    while True:
        try:
            found = read()
        except Exception as error:
            found, last = None, f"{type(error).__name__}: {error}"
        else:
            last = repr(found)
        if found:
            return found
        if time.monotonic() > end:
            raise SystemExit(f"{what}: not within {seconds} s, last {last[:2000]}")
        time.sleep(0.2)


def fields(answer):
    """An object of the API as a dictionary with the names of the wire, whichever SDK read it."""
    return answer if isinstance(answer, dict) else json.loads(answer.json(by_alias=True))


def observations(langfuse, **query):
    """One page of the second version of the observations API, newest first."""
    api = langfuse.api.observations if MAJOR >= 4 else langfuse.api.observations_v_2
    return [fields(o) for o in api.get_many(fields=ALL_FIELDS, **query).data]


def whole_trace(langfuse, trace_id, count):
    """The observations of a trace by name, once all have arrived."""

    def read():
        found = observations(langfuse, trace_id=trace_id, limit=100)
        return found if len(found) == count else None

    return {o["name"]: o for o in eventually(f"{count} observations of trace {trace_id}", read)}


def as_sent(value):
    """A value of metadata. The SDKs before version 5 send what is neither text nor whole number as JSON text."""
    if MAJOR >= 5 or not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def platform(path):
    """What the platform's own API answers."""
    keys = (os.environ["LANGFUSE_PUBLIC_KEY"], os.environ["LANGFUSE_SECRET_KEY"])
    return httpx.get(os.environ["LANGFUSE_HOST"] + path, auth=keys).raise_for_status().json()


def an_hour_ago():
    """For queries that must have a beginning."""
    return datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)


def client(**settings):
    """A client with the address and the keys of the environment."""
    return Langfuse(**settings)
