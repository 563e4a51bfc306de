"""NetworkPolicies as the API defines them: which pods admit which, on which ports.

A policy selects pods of its own namespace. Pods that no policy selects for a direction may do everything in it; for all
others the rules of the policies that select them add up. Traffic needs the egress of the one side and the ingress of
the other. A peer with both selectors wants both; one with a pod selector alone is about the policy's own namespace.

Pods with the same labels in the same namespace are one group. Each namespace has a group more, of pods without labels:
those that nothing rendered starts today.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from msgspec import Struct

from generator.check.fields import items, listed, mapping, number, string, strings
from generator.check.index import Index
from generator.check.isolation.addresses import takes_in_pods
from generator.check.objects import Rendered
from generator.check.pods import Pods, selecting
from generator.source import Pointer

Span: TypeAlias = tuple[str, int, int]
"""Protocol, first port, last port."""

EVERY_PORT: Final[tuple[Span, ...]] = tuple((protocol, 0, 65535) for protocol in ("TCP", "UDP", "SCTP"))
_DIRECTIONS: Final = {"Ingress": ("ingress", "from"), "Egress": ("egress", "to")}
_DATABASE_PORTS: Final = {"Cluster": (5432, 8000, 9187), "Pooler": (5432, 9127)}
"""What CloudNativePG's pods listen on: PostgreSQL, the instance manager, metrics."""


class Group(Struct, frozen=True, eq=False):
    """Pods that no selector can tell apart. `pods` is empty for those that nothing rendered starts. `listens` are
    (protocol, port) → the port's name."""

    namespace: str
    labels: Mapping[str, str]
    pods: tuple[Pods, ...]
    listens: Mapping[tuple[str, int], str]

    @property
    def name(self) -> str:
        """How messages name the pods."""
        return self.pods[0].owner.name if self.pods else "pods without labels"


class Peer(Struct, frozen=True, eq=False):
    """One entry of a rule's `from` or `to`, or the whole rule where it has none. `members` are the groups that it
    stands for; for an ipBlock, those that may have such an address."""

    policy: Rendered
    direction: str
    at: Pointer
    ports: Any
    block: Mapping[str, Any]
    members: frozenset[Group]

    def spans(self, target: Group) -> tuple[Span, ...]:
        """The ports of the rule, as numbers of the pods that are connected to."""
        if not isinstance(self.ports, list) or not self.ports:
            return EVERY_PORT
        return tuple(span for entry in self.ports for span in _spans(entry, target))


class Side(Struct, frozen=True):
    """What the policies say of one group in one direction: `peers` is None where none selects it."""

    peers: tuple[Peer, ...] | None


class Network:
    """The groups of one cluster and their policies. `labels` are those of the namespaces."""

    __slots__ = ("_by_label", "_labels", "_members", "_sides", "_texts", "groups", "peers")

    def __init__(self, index: Index, labels: Mapping[str, Mapping[str, str]]) -> None:
        self._labels = labels
        self._by_label: dict[tuple[str, str], set[str]] = {}
        for namespace, given in labels.items():
            for entry in given.items():
                self._by_label.setdefault(entry, set()).add(namespace)
        self.groups = {namespace: groups_of(index, namespace) for namespace in labels}
        self._members: dict[tuple[str, str, str], frozenset[Group]] = {}
        self._texts: dict[int, tuple[Mapping[str, Any], str]] = {}
        self._sides: dict[tuple[Group, str], list[Peer]] = {}
        self.peers: list[tuple[Peer, tuple[Group, ...]]] = []
        for policy in index.of("networking.k8s.io", "NetworkPolicy"):
            self._add(policy)

    def side(self, group: Group, direction: str) -> Side:
        """What the policies say of a group in a direction ("Ingress" or "Egress")."""
        found = self._sides.get((group, direction))
        return Side(None if found is None else tuple(found))

    def connected(self, source: Group, target: Group) -> tuple[tuple[Peer | None, Peer | None], Span] | None:
        """How pods of one group can connect to those of another: the peers of the egress and the ingress side that
        let them (None where no policy selects the pods), and a span of ports; None where they cannot."""
        for leaving in self._letting(source, "Egress", target):
            for entering in self._letting(target, "Ingress", source):
                out = leaving.spans(target) if leaving else EVERY_PORT
                into = entering.spans(target) if entering else EVERY_PORT
                if (span := common(out, into)) is not None:
                    return (leaving, entering), span
        return None

    def _letting(self, group: Group, direction: str, other: Group) -> list[Peer | None]:
        peers = self.side(group, direction).peers
        return [None] if peers is None else [peer for peer in peers if other in peer.members]

    def _add(self, policy: Rendered) -> None:
        selector = mapping(policy.data, "spec", "podSelector")
        takes = selecting(selector)
        selected = tuple([group for group in self.groups.get(policy.namespace, ()) if takes(group.labels)])
        for direction in directions(policy.data):
            for group in selected:
                self._sides.setdefault((group, direction), [])
            for peer in self._peers(policy, direction):
                self.peers.append((peer, selected))
                for group in selected:
                    self._sides[group, direction].append(peer)

    def _peers(self, policy: Rendered, direction: str) -> Iterator[Peer]:
        rules, part = _DIRECTIONS[direction]
        for at, rule in items(policy.data, "spec", rules):
            ports = mapping(rule).get("ports")
            listed_peers = list(items(rule, part))
            if not listed_peers:
                yield Peer(policy, direction, at, ports, {}, self._selected("", {}, {}))
            for peer_at, entry in listed_peers:
                block = mapping(entry, "ipBlock")
                members = self._of(policy.namespace, entry, block)
                yield Peer(policy, direction, (*at, *peer_at), ports, block, members)

    def _of(self, namespace: str, entry: Any, block: Mapping[str, Any]) -> frozenset[Group]:
        if block:
            return self._selected("", {}, {}) if takes_in_pods(block) else frozenset()
        peer = mapping(entry)
        if isinstance(peer.get("namespaceSelector"), dict):
            return self._selected("", peer["namespaceSelector"], mapping(peer, "podSelector"))
        if isinstance(peer.get("podSelector"), dict):
            return self._selected(namespace, {}, peer["podSelector"])
        return self._selected("", {}, {})

    def _selected(self, home: str, namespaces: Mapping[str, Any], pods: Mapping[str, Any]) -> frozenset[Group]:
        """The groups that two selectors stand for. What is written alike is worked out once."""
        key = (home, self._written(namespaces), self._written(pods))
        if (found := self._members.get(key)) is None:
            homes, takes = [home] if home else self._namespaces(namespaces), selecting(pods)
            groups = (group for each in homes for group in self.groups.get(each, ()))
            found = self._members[key] = frozenset([group for group in groups if takes(group.labels)])
        return found

    def _written(self, selector: Mapping[str, Any]) -> str:
        """A selector as text. Objects of one shape share the very mapping where their values do not come in."""
        known = self._texts.get(id(selector))
        if known is None:
            known = self._texts[id(selector)] = (selector, repr(selector))
        return known[1]

    def _namespaces(self, selector: Mapping[str, Any]) -> list[str]:
        """The namespaces that a selector selects, by the rarest of the labels that it demands."""
        candidates: Iterable[str] = self._labels
        fewest = len(self._labels)
        demanded = [[self._by_label.get(entry, set())] for entry in strings(selector, "matchLabels").items()]
        for _, expression in items(selector, "matchExpressions"):
            if string(expression, "operator") == "In":
                key = string(expression, "key")
                demanded.append([self._by_label.get((key, value), set()) for value in listed(expression, "values")])
        for homes in demanded:
            if (count := sum(map(len, homes))) < fewest:
                candidates, fewest = frozenset[str]().union(*homes), count
        takes = selecting(selector)
        return [name for name in sorted(candidates) if takes(self._labels[name])]


def directions(policy: Any) -> tuple[str, ...]:
    """The directions that a policy is about: as it says, else ingress, and egress where it has such rules."""
    given = tuple(each for each in _DIRECTIONS if each in listed(policy, "spec", "policyTypes"))
    return given or (("Ingress", "Egress") if mapping(policy, "spec").get("egress") else ("Ingress",))


def common(one: Iterable[Span], other: Iterable[Span]) -> Span | None:
    """A span of ports that is in both, the lowest; None where there is none."""
    theirs = tuple(other)
    shared = [
        (protocol, max(first, start), min(last, end))
        for protocol, first, last in one
        for kind, start, end in theirs
        if protocol == kind and max(first, start) <= min(last, end)
    ]
    return min(shared, default=None)


def listening(spans: Iterable[Span], group: Group) -> int | None:
    """A port of these that pods of the group are known to listen on."""
    found = [
        port
        for protocol, first, last in spans
        for kind, port in group.listens
        if kind == protocol and first <= port <= last
    ]
    return min(found, default=None)


def _spans(entry: Any, target: Group) -> Iterator[Span]:
    protocol, port = string(entry, "protocol") or "TCP", mapping(entry).get("port")
    if isinstance(port, str):
        yield from ((kind, at, at) for (kind, at), name in target.listens.items() if (kind, name) == (protocol, port))
    elif isinstance(port, int):
        yield protocol, port, number(entry, "endPort") or port
    else:
        yield protocol, 0, 65535


def groups_of(index: Index, namespace: str) -> tuple[Group, ...]:
    """The groups of one namespace, the one without labels first."""
    return tuple(_groups(index.pods.get(namespace, ()), namespace))


def _groups(workloads: Iterable[Pods], namespace: str) -> Iterator[Group]:
    alike: dict[tuple[tuple[str, str], ...], list[Pods]] = {(): []}
    for pods in workloads:
        alike.setdefault(tuple(sorted(pods.labels.items())), []).append(pods)
    for labels, found in sorted(alike.items(), key=lambda entry: (not entry[1], entry[0])):
        ports = {port: name for pods in found for port, name in _listens(pods)}
        yield Group(namespace, dict(labels), tuple(found), ports)


def _listens(pods: Pods) -> Iterator[tuple[tuple[str, int], str]]:
    if not pods.known:
        yield from ((("TCP", port), "") for port in _DATABASE_PORTS.get(pods.owner.kind, ()))
    for _, container in pods.containers():
        for _, port in items(container, "ports"):
            if (value := number(port, "containerPort")) is not None:
                yield (string(port, "protocol") or "TCP", value), string(port, "name")
