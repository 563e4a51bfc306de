"""Whether labels and annotations are such as the API server takes, on objects and on the pods they start."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from generator.check.fields import mapping
from generator.check.findings import finding, shown
from generator.check.index import Index
from generator.check.objects import Rendered
from generator.diagnostics import Code, Diagnostic
from generator.source import Pointer

LABEL: Final = Code(
    "CHK013",
    "a label is not allowed",
    "The API server refuses the whole object.",
)
ANNOTATION: Final = Code(
    "CHK014",
    "an annotation is not allowed",
    "The API server refuses the whole object.",
)
ANNOTATIONS_LIMIT: Final = 256 * 1024
"""Keys and values of one object together, in bytes (Kubernetes, apimachinery validation)."""

_NAME: Final = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_PREFIX: Final = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*")
_WORDS: Final = "at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends"


def check(index: Index) -> Iterator[Diagnostic]:
    """The metadata of every object and of every pod template."""
    for rendered in index.objects:
        yield from _metadata(rendered, ("metadata",))
    for pods in index.workloads:
        if pods.at:
            yield from _metadata(pods.owner, (*pods.at, "metadata"))


@lru_cache(maxsize=4096)
def qualified(key: str) -> bool:
    """Whether a text is a label's or annotation's key: an optional DNS prefix and '/', then a name."""
    prefix, slash, name = key.rpartition("/")
    fits = not slash or (len(prefix) <= 253 and _PREFIX.fullmatch(prefix) is not None)
    return fits and _NAME.fullmatch(name) is not None


@lru_cache(maxsize=65536)
def _allowed(value: str) -> bool:
    """Whether a text is a label's value. Most values of a tenant come in all of its objects."""
    return not value or _NAME.fullmatch(value) is not None


@lru_cache(maxsize=65536)
def _sound(keys: tuple[str, ...], values: tuple[Any, ...]) -> bool:
    """Whether labels are as they should be. A tenant's objects have the same ones."""
    return all(map(qualified, keys)) and all(isinstance(value, str) and _allowed(value) for value in values)


@lru_cache(maxsize=4096)
def _size(keys: tuple[str, ...]) -> int | None:
    """The bytes of annotations' keys; None where one can be no key."""
    return sum(len(key.encode()) for key in keys) if all(qualified(key.lower()) for key in keys) else None


def _passes(metadata: Mapping[str, Any]) -> bool:
    """Whether nothing is wrong for certain. Whatever is odd is looked at one by one."""
    labels, annotations = mapping(metadata, "labels"), mapping(metadata, "annotations")
    try:
        sound = not labels or _sound(tuple(labels), tuple(labels.values()))
    except TypeError:  # a list or a mapping for a value
        return False
    if not sound or not annotations:
        return sound
    size, values = _size(tuple(annotations)), annotations.values()
    if size is None or not all(isinstance(value, str) for value in values):
        return False
    return size + sum([len(value.encode()) for value in values]) <= ANNOTATIONS_LIMIT


def _metadata(rendered: Rendered, at: Pointer) -> Iterator[Diagnostic]:
    metadata = mapping(rendered.data, *at)
    if _passes(metadata):
        return
    for key, value in mapping(metadata, "labels").items():
        if not qualified(key):
            yield _key(LABEL, rendered, (*at, "labels", key), key)
        if not isinstance(value, str) or not _allowed(value):
            yield finding(
                LABEL,
                rendered,
                (*at, "labels", key),
                f"this can be no value of the label {shown(key)}",
                found=shown(value),
                expected=f"a string of {_WORDS}",
                hint="quote numbers and booleans; put free text into an annotation",
            )
    size = 0
    annotations = mapping(metadata, "annotations")
    for key, value in annotations.items():
        if not qualified(key.lower()):
            yield _key(ANNOTATION, rendered, (*at, "annotations", key), key)
        if not isinstance(value, str):
            yield finding(
                ANNOTATION,
                rendered,
                (*at, "annotations", key),
                f"the value of the annotation {shown(key)} is no string",
                found=shown(value),
                hint="quote it in the template",
            )
            continue
        size += len(key.encode()) + len(value.encode())
    if size > ANNOTATIONS_LIMIT:
        yield finding(
            ANNOTATION,
            rendered,
            (*at, "annotations"),
            "the annotations are too large together",
            found=f"{size:,} bytes",
            expected=f"at most {ANNOTATIONS_LIMIT:,} bytes",
            hint="put what is large into a ConfigMap",
            key=True,
        )


def _key(code: Code, rendered: Rendered, pointer: Pointer, key: str) -> Diagnostic:
    return finding(
        code,
        rendered,
        pointer,
        "this can be no key of a label or an annotation",
        found=shown(key),
        expected=f"an optional DNS name and '/', then {_WORDS}",
        hint="change the key in the template",
        key=True,
    )
