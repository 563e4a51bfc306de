"""What is behind a value, and what a line of an input reaches: the answers of `tenantry explain`."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from generator.source import Location


class Said(Struct, frozen=True):
    """A value, and the line that says it."""

    value: Any
    location: Location


class Behind(Struct, frozen=True):
    """A line of an input that a value follows: what it says, another value it was given, and what that made of it.

    `gone` is whether the other value left nothing in its place, so that `became` means nothing. An `instead` of None
    is an item taken out of its list.
    """

    said: Said
    instead: Any
    became: Any
    gone: bool


class Field(Struct, frozen=True):
    """One value with what is behind it.

    `path` is dotted; `cluster` is "" for what is the same on all cells of a tenant. `lines` are the lines that the
    value follows, the most telling first; `presence` those that only decide whether it is there.

    For settings, `decided` is the layer or the floor that decides, `overrode` are the weaker layers that say it too,
    strongest first, `raised_from` is what a framework's floor raised, and `held` are floors that demand as much, with
    which the value stays when the deciding line changes.

    For rendered values `location` is the rendered line, `template` the line of the template that wrote it and
    `expressions` what stands there in braces.
    """

    path: str
    cluster: str
    value: Any
    lines: tuple[Behind, ...]
    presence: tuple[Behind, ...] = ()
    decided: Said | None = None
    overrode: tuple[Said, ...] = ()
    held: tuple[Said, ...] = ()
    raised_from: Said | None = None
    location: Location | None = None
    template: Location | None = None
    expressions: tuple[str, ...] = ()


class Explained(Struct, frozen=True):
    """The answer for a tenant: `subject` is its name, or the object asked for (`Rollout tenant-acme/api`)."""

    subject: str
    fields: tuple[Field, ...]


class ReachedObject(Struct, frozen=True):
    """A rendered object that a line reaches: where it stands, and how many of its lines differ."""

    label: str
    location: Location
    lines: int


class Reached(Struct, frozen=True):
    """What one line of an input, or of a template, reaches.

    `said` are the values on the line, empty for a template's. `fields` are the resolved values, each (tenant, cluster
    or "", path). `unmoved` are values on the line that have no other valid value, or none that changes anything.
    """

    said: tuple[Said, ...]
    fields: tuple[tuple[str, str, str], ...]
    objects: tuple[ReachedObject, ...]
    unmoved: tuple[Said, ...] = ()


class Puzzled(Struct, frozen=True):
    """Why a question has no answer, and what to ask instead."""

    message: str
    hint: str = ""
