"""Edits of an input file's text: only the lines that must change do, and nobody's comment, order or quote is touched.

A writer of whole documents, even one that keeps comments, has its own ideas of indents, quotes and line breaks. So the
text is cut at the places that the parser reports, and everything between the cuts stays as it is, byte by byte.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

import yaml
from msgspec import Struct

from generator.scaffold.words import flow
from generator.source import Pointer

_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BLOCK_TEXT: Final = ("|", ">")


class Put(Struct, frozen=True):
    """A value at a pointer: in place of the one there, or new. An index just beyond a list's end adds to the list.

    `after` names the key behind which a new key is to stand; "" for the end of its mapping.
    """

    pointer: Pointer
    value: Any
    after: str = ""


class Drop(Struct, frozen=True):
    """What stands at a pointer goes; so does a mapping around it (not a list, and nothing above `floor`) that would be
    left empty."""

    pointer: Pointer
    floor: int = 1


Change: TypeAlias = Put | Drop


def changed(data: dict[str, Any], changes: Iterable[Change]) -> dict[str, Any]:
    """What the data are after the changes: what the edited text has to say, and nothing else."""
    data = copy.deepcopy(data)
    for change in changes:
        if isinstance(change, Put):
            _put_data(data, change)
        else:
            parent, key = _parent(data, _emptied(data, change))
            del parent[key]
    return data


def edited(text: str, changes: Iterable[Change]) -> str | None:
    """The text with the changes made; None where it is written in a way that this cannot cut (see `changed`).

    The text is one that `generator.load` has read without a fault. Whoever calls this compares what the result says
    with `changed`: an alias, for one, changes in several places at once.
    """
    try:
        for change in changes:
            root = yaml.compose(text, Loader=_LOADER)
            if not isinstance(root, yaml.MappingNode):
                return None
            begin, end, words = _put(text, root, change) if isinstance(change, Put) else _drop(text, root, change)
            text = text[:begin] + words + text[end:]
    except (yaml.YAMLError, LookupError):
        return None
    return text


def _put_data(data: dict[str, Any], change: Put) -> None:
    parent: Any = data
    for step in change.pointer[:-1]:
        parent = parent.setdefault(step, {}) if isinstance(parent, dict) else parent[step]
    key: Any = change.pointer[-1]
    if isinstance(parent, list) and key == len(parent):
        parent.append(copy.deepcopy(change.value))
    else:
        parent[key] = copy.deepcopy(change.value)


def _emptied(data: Any, change: Drop) -> Pointer:
    """The pointer of what goes: the value's own, or that of the outermost mapping that nothing else is in."""
    pointer = change.pointer
    while len(pointer) - 1 > change.floor:
        parent, _ = _parent(data, pointer)
        if not isinstance(parent, dict) or len(parent) > 1:
            break
        pointer = pointer[:-1]
    return pointer


def _parent(data: Any, pointer: Pointer) -> tuple[Any, Any]:
    for step in pointer[:-1]:
        data = data[step]
    return data, pointer[-1]


# The text


_Cut: TypeAlias = tuple[int, int, str]
"""From where to where text goes, and what stands there instead."""


def _put(text: str, root: yaml.MappingNode, change: Put) -> _Cut:
    node: yaml.Node = root
    for depth, step in enumerate(change.pointer):
        found = _child(node, step)
        if found is None:
            value = change.value
            for inner in reversed(change.pointer[depth + 1 :]):
                value = {inner: value}
            if isinstance(node, yaml.SequenceNode) and step == len(node.value):
                return _append(text, node, value)
            if isinstance(node, yaml.MappingNode) and isinstance(step, str):
                return _insert(text, node, step, value, change.after)
            raise LookupError(step)
        node = found
    style = node.style if isinstance(node, yaml.ScalarNode) else None
    return _whole(text, node, flow(change.value, style))


def _whole(text: str, node: yaml.Node, words: str) -> _Cut:
    """Words in place of a whole value, on the line of its key."""
    begin, end = node.start_mark.index, _end(text, node)
    colon = text.rfind(":", 0, begin)
    if begin == end or (colon >= 0 and "\n" in text[colon:begin] and not text[colon + 1 : begin].strip()):
        return colon + 1, end, f" {words}"
    return begin, end, words


def _insert(text: str, node: yaml.MappingNode, key: str, value: Any, after: str) -> _Cut:
    """A new key of a mapping."""
    words = f"{flow(key)}: {flow(value)}"
    before = next((pair for pair in node.value if pair[0].value == after), None) or (node.value or [None])[-1]
    if before is None:
        return node.start_mark.index, node.end_mark.index, f"{{{words}}}"
    end = _end(text, before[1])
    if node.flow_style:
        return end, end, f", {words}"
    return _new_line(text, end, " " * node.value[0][0].start_mark.column + words)


def _append(text: str, node: yaml.SequenceNode, value: Any) -> _Cut:
    """A new item at the end of a list, in the manner of the last one."""
    if not node.value:
        return node.start_mark.index, node.end_mark.index, f"[{flow(value)}]"
    last = node.value[-1]
    end = _end(text, last)
    if node.flow_style:
        return end, end, f", {flow(value)}"
    indent = " " * node.start_mark.column
    if isinstance(value, Mapping) and not last.flow_style:
        gap = " " * (last.start_mark.column - node.start_mark.column)
        lines = [f"{flow(key)}: {flow(item)}" for key, item in value.items()]
        first = f"{indent}-{gap[1:]}{lines[0]}"
        return _new_line(text, end, _line_end(text).join((first, *(indent + gap + line for line in lines[1:]))))
    return _new_line(text, end, f"{indent}- {flow(value)}")


def _drop(text: str, root: yaml.MappingNode, change: Drop) -> _Cut:
    pointer = change.pointer
    while len(pointer) - 1 > change.floor:
        parent = _at(root, pointer[:-1])
        if not isinstance(parent, yaml.MappingNode) or len(parent.value) > 1:
            break
        pointer = pointer[:-1]
    parent = _at(root, pointer[:-1])
    entries: list[tuple[yaml.Node, yaml.Node]]
    if isinstance(parent, yaml.MappingNode):
        entries = parent.value
        number = next(number for number, (key, _) in enumerate(entries) if key.value == pointer[-1])
    elif isinstance(parent, yaml.SequenceNode) and isinstance(pointer[-1], int):
        entries = [(item, item) for item in parent.value]
        number = pointer[-1]
    else:
        raise KeyError(pointer)
    begin, end = entries[number][0].start_mark.index, _end(text, entries[number][1])
    if len(entries) == 1:
        empty = "{}" if isinstance(parent, yaml.MappingNode) else "[]"
        return _whole(text, parent, empty)
    if parent.flow_style:
        if number + 1 < len(entries):
            return begin, entries[number + 1][0].start_mark.index, ""
        return _end(text, entries[number - 1][1]), end, ""
    # The whole lines, with a comment behind the value; comments above and below stay.
    if isinstance(parent, yaml.SequenceNode):
        begin = text.rindex("-", 0, begin)
    line = text.rfind("\n", 0, begin) + 1
    if text[line:begin].strip():
        # The first key of an item: the dash before it stays, and on a line of its own above the next key's comments.
        below, following = _next_line(text, end), entries[number + 1][0].start_mark.index
        if not text[below:following].strip():
            return begin, following, ""
        return len(text[:begin].rstrip(" ")), len(text[:below].rstrip("\r\n")), ""
    return line, _next_line(text, end), ""


def _at(node: yaml.Node, pointer: Pointer) -> yaml.Node:
    for step in pointer:
        found = _child(node, step)
        if found is None:
            raise LookupError(step)
        node = found
    return node


def _child(node: yaml.Node, step: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step]  # type: ignore[no-any-return]
    return None


def _end(text: str, node: yaml.Node) -> int:
    """Where a node's last character is: the parser lets blocks run on over the comments below them."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(text, last[1] if isinstance(last, tuple) else last)
    begin, end = node.start_mark.index, node.end_mark.index
    if isinstance(node, yaml.ScalarNode) and node.style in _BLOCK_TEXT:
        return begin + len(text[begin:end].rstrip())
    return int(end)


def _next_line(text: str, place: int) -> int:
    """Where the line after the one at a place begins."""
    return text.find("\n", place) + 1 or len(text)


def _new_line(text: str, place: int, words: str) -> _Cut:
    """A new line behind the one at a place."""
    begin = _next_line(text, place)
    if begin == len(text) and not text.endswith("\n"):
        return begin, begin, _line_end(text) + words
    return begin, begin, words + _line_end(text)


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
