"""The loss of a region in words: as text, as Markdown for a pull request, and as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from generator.model.platform import Platform
from generator.place.load import Load
from generator.place.lost import Lost, Moved, Room

_TENANTS: Final = ("TENANT", "PLATFORM", "FROM", "TO", "HOW", "RESIDENCY", "MAY LOSE")
_CELLS: Final = ("CELL", "TENANTS", "CPU", "MEMORY", "FULL")
_PROMISES: Final = ("PLATFORM", "RPO", "BACKUPS", "RTO")


def text(lost: Lost) -> str:
    """Tables as wide as their widest cells, then the verdict."""
    return "\n".join((*_sections(lost, _columns), *verdict(lost))) + "\n"


def markdown(lost: Lost) -> str:
    """The same as Markdown."""
    return (
        "\n\n".join(
            (
                f"### Loss of region {lost.region}",
                *_sections(lost, _grid),
                "\n".join(f"- {line}" for line in verdict(lost)),
            )
        )
        + "\n"
    )


def structured(lost: Lost) -> dict[str, Any]:
    """The same as data. Seconds are numbers, shares are parts of 1."""
    return {
        "region": lost.region,
        "minimumFactor": lost.factor,
        "tenants": [_moved(each) for each in lost.moved],
        "losingStandby": list(lost.bereft),
        "idle": list(lost.idle),
        "cells": [
            {"name": room.cluster.name, "before": _load(room.before, room), "after": _load(room.after, room)}
            for room in lost.rooms
        ],
        "platforms": [_promise(platform, lost) for platform in lost.platforms],
        "verdict": {
            "served": not lost.stranded,
            "residency": not lost.unkept,
            "capacity": not lost.overfull,
            "recoveryPoint": not lost.behind,
        },
    }


def verdict(lost: Lost) -> tuple[str, ...]:
    """What of it holds and what does not, a line each."""
    served, all_ = len(lost.moved) - len(lost.stranded), len(lost.moved)
    lines = [f"served: {served} of {all_} tenants elsewhere" + _who(lost.stranded, "; not served")]
    lines.append(f"residency: {'broken' if lost.unkept else 'kept'}" + _who(lost.unkept, " for"))
    full = ", ".join(room.cluster.name for room in lost.overfull)
    lines.append(
        f"capacity: {f'exceeded on {full}' if full else 'holds'}, at {lost.factor:g} times the minimum replicas"
    )
    lines.append(f"RPO: {'not kept' if lost.behind else 'kept'}" + _who(lost.behind, " for"))
    lines.append("RTO: not judged: nothing in the inputs says how long a restore takes; a drill does")
    if len(lost.stranded) < all_:
        lines.append(
            "data: nothing that is rendered copies it to another cell: whoever serves there has what is restored"
        )
    if lost.bereft:
        lines.append(f"without a standby until the region is back: {', '.join(lost.bereft)}")
    if lost.idle:
        lines.append(f"not served before either: {', '.join(lost.idle)}")
    return tuple(lines)


def _sections(lost: Lost, table: Any) -> Iterator[str]:
    if lost.moved:
        yield table(_TENANTS, [_tenant_row(each) for each in lost.moved])
    if lost.stranded:
        yield "".join(f"{each.tenant.name} is not served: {each.reason}\n" for each in lost.stranded)
    if lost.rooms:
        yield table(_CELLS, [_room_row(room) for room in lost.rooms])
    if lost.platforms:
        yield table(_PROMISES, [_promise_row(platform, lost) for platform in lost.platforms])


def _tenant_row(each: Moved) -> tuple[str, ...]:
    tenant = each.tenant
    kept = "; ".join(each.broken) or f"{tenant.residency} kept"
    how = "its standby" if each.standby else "taken in"
    where = (each.target.name, how, kept) if each.target else ("-", "not served", "-")
    return (tenant.name, tenant.platform.name, each.source.name, *where, span(each.loss))


def _room_row(room: Room) -> tuple[str, ...]:
    before, after, capacity = room.before, room.after, room.cluster.capacity
    return (
        room.cluster.name,
        f"{before.tenants} to {after.tenants} of {capacity.tenants}",
        f"{before.millicores / 1000:g} to {after.millicores / 1000:g} of {capacity.millicores / 1000:g}",
        f"{before.mebibytes / 1024:.1f} to {after.mebibytes / 1024:.1f} of {capacity.mebibytes / 1024:.1f} GiB",
        f"{before.share(room.cluster):.1%} to {after.share(room.cluster):.1%}",
    )


def _promise_row(platform: Platform, lost: Lost) -> tuple[str, ...]:
    promised = platform.recovery
    losses = sorted({each.loss for each in lost.moved if each.tenant.platform.name == platform.name}, key=_lasting)
    backed = ", ".join(
        f"{span(loss)} ({'kept' if promised and loss is not None and loss <= promised.point else 'not kept'})"
        if promised
        else span(loss)
        for loss in losses
    )
    if promised is None:
        return platform.name, "none promised", backed, "none promised"
    return platform.name, span(promised.point), backed, span(promised.time)


def _lasting(loss: int | None) -> tuple[bool, int]:
    return loss is None, loss or 0


def span(seconds: int | None) -> str:
    """`55 s`, `15 min`, `6 h`; everything where there is no backup."""
    if seconds is None:
        return "everything"
    for unit, name in ((3600, "h"), (60, "min")):
        if seconds and seconds % unit == 0:
            return f"{seconds // unit} {name}"
    return f"{seconds} s"


def _who(those: Sequence[Moved], word: str) -> str:
    return f"{word} {', '.join(each.tenant.name for each in those)}" if those else ""


def _columns(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    padded = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
    return "".join(f"{line.rstrip()}\n" for line in padded)


def _grid(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    rule = tuple("---" for _ in head)
    return "\n".join(f"| {' | '.join(line)} |" for line in (tuple(each.lower() for each in head), rule, *rows))


def _moved(each: Moved) -> dict[str, Any]:
    return {
        "name": each.tenant.name,
        "platform": each.tenant.platform.name,
        "from": each.source.name,
        "to": each.target.name if each.target else None,
        "standby": each.standby,
        "residency": each.tenant.residency,
        "broken": list(each.broken),
        "reason": each.reason,
        "mayLoseSeconds": each.loss,
    }


def _load(load: Load, room: Room) -> dict[str, Any]:
    return {
        "tenants": load.tenants,
        "millicores": load.millicores,
        "mebibytes": load.mebibytes,
        "share": round(load.share(room.cluster), 4),
    }


def _promise(platform: Platform, lost: Lost) -> dict[str, Any]:
    promised = platform.recovery
    behind = [each.tenant.name for each in lost.behind if each.tenant.platform.name == platform.name]
    return {
        "name": platform.name,
        "pointSeconds": promised.point if promised else None,
        "timeSeconds": promised.time if promised else None,
        "behind": behind,
    }
