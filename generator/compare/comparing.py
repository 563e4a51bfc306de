"""Tree × Tree → Comparison."""

from __future__ import annotations

from generator.compare.changes import Change, Comparison, Kind, Side
from generator.compare.fields import differences
from generator.compare.moves import moves
from generator.compare.objects import count, differing, read


def compare(before: Side, after: Side) -> Comparison:
    """Every object that differs. Only files whose bytes differ are read: the cost follows the change."""
    paths = differing(before.tree, after.tree)
    old, unread_before = read(before.tree, paths)
    new, unread_after = read(after.tree, paths)
    changes = [
        Change(Kind.CHANGED, old[key], new[key], fields)
        for key in old.keys() & new.keys()
        if (fields := differences(old[key].data, new[key].data))
    ]
    gone = {key: old[key] for key in old.keys() - new.keys()}
    come = {key: new[key] for key in new.keys() - old.keys()}
    moved = moves(gone, come, before, after)
    left = {change.before.key for change in moved if change.before}
    arrived = {change.key for change in moved}
    changes += moved
    changes += [Change(Kind.REMOVED, gone[key], None) for key in gone if key not in left]
    changes += [Change(Kind.ADDED, None, come[key]) for key in come if key not in arrived]
    unread = tuple(sorted({*unread_before, *unread_after}))
    in_order = tuple(sorted(changes, key=lambda change: change.order))
    return Comparison(in_order, count(before.tree), count(after.tree), unread)
