"""Whether pods of one tenant can reach pods of another, as NetworkPolicies decide it.

A leak is:

- a path that the sender's egress and the receiver's ingress both allow (ISO010);
- one of the two alone (ISO011, ISO012), for then only the other tenant's policies stand between, and they are not this
  tenant's to rely on;
- a way from a tenant's pods to the metadata service of the node, whose credentials are every tenant's (ISO013);
- pods on the network of their node, which no policy applies to (ISO014);
- a pooled store that lets in pods of another platform's tenants, or pods that no flow names (ISO015).

By design, and no leak: what the platform's machinery reaches (the gateway its tenants' apps, Prometheus their metrics,
operators their databases) and what all tenants reach of it (DNS, istiod, the telemetry collector); the flows that a
platform names into its pooled stores, where database roles keep tenants apart; and an ipBlock of egress that may hold
pods, as long as no tenant's pods listen on its ports: object storage is reached so. On Google's clusters a block of
link-local addresses is accepted for the ports of the metadata server of workload identity, which gives each pod its own
identity and never the node's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from generator.check.fields import field, string, strings
from generator.check.index import Index
from generator.check.isolation.addresses import link_local, takes_in_metadata
from generator.check.isolation.flows import EVERY_PORT, Group, Network, Peer, listening
from generator.check.isolation.leaks import Leak, several
from generator.check.isolation.tenants import Tenants
from generator.check.objects import Rendered
from generator.diagnostics import Code, Diagnostic
from generator.source import Pointer

REACHED: Final = Code(
    "ISO010",
    "pods of one tenant can reach pods of another",
    "The network policies of both sides allow the connection, so one tenant's code can attack the other's services.",
)
LET_IN: Final = Code(
    "ISO011",
    "pods of a tenant let in pods of other tenants",
    "Only the egress rules of the other tenants stand between; one mistake there, and the path is open.",
)
SENT: Final = Code(
    "ISO012",
    "pods of a tenant may send to pods of other tenants",
    "Only the ingress rules of the other tenants stand between; one mistake there, and the path is open.",
)
METADATA: Final = Code(
    "ISO013",
    "pods of a tenant can reach the metadata service of their node",
    "It gives out the node's credentials, with which the secrets and images of every tenant on it can be read.",
)
HOST_NETWORK: Final = Code(
    "ISO014",
    "pods of a tenant are on the network of their node",
    "No network policy applies to them: they reach every pod, and what listens on the node.",
)
STORE: Final = Code(
    "ISO015",
    "a pooled store lets in pods that no flow is named for",
    "Whatever runs in a tenant's namespace can try credentials on a store that holds the data of many tenants.",
)

_WORKLOAD_IDENTITY: Final = "iam.gke.io/gcp-service-account"
_WORKLOAD_IDENTITY_PORTS: Final = frozenset({80, 988})


def check(index: Index, tenants: Tenants) -> Iterator[Diagnostic]:
    """Every rule of every NetworkPolicy in the namespaces where tenants' code or data is, and all that has none."""
    network = Network(index, tenants.labels)
    view = _View(network, tenants, _google(index))
    for peer, selected in network.peers:
        for leak in _of_peer(view, peer, selected):
            yield leak.diagnostic()
    for namespace in sorted(network.groups):
        if tenants.side(namespace) or namespace in tenants.platforms:
            for leak in _of_namespace(view, namespace):
                yield leak.diagnostic()
    yield from _host_network(index, tenants)


class _View:
    """What every question here is about, and the answers that are needed more than once.

    `google` says whether the metadata server is workload identity's.
    """

    __slots__ = ("_listeners", "_open", "_others", "google", "network", "tenants")

    def __init__(self, network: Network, tenants: Tenants, google: bool) -> None:
        self.network, self.tenants, self.google = network, tenants, google
        self._others: dict[tuple[frozenset[Group], str], tuple[Group, ...]] = {}
        self._listeners: dict[str, tuple[Group, ...]] = {}
        self._open: dict[str, frozenset[Group]] = {}

    def side(self, group: Group) -> str:
        """Who the pods of a group work for."""
        return self.tenants.side(group.namespace)

    def sides(self, groups: Iterable[Group]) -> int:
        """How many there are that the groups work for."""
        return len({self.side(group) for group in groups})

    def others(self, members: frozenset[Group], side: str) -> tuple[Group, ...]:
        """Those of the groups that are another tenant's (or shared services), in order."""
        if (found := self._others.get((members, side))) is None:
            foreign = [group for group in members if self.side(group) not in {"", side}]
            found = tuple(sorted(foreign, key=lambda group: (group.namespace, not group.pods, group.name)))
            self._others[members, side] = found
        return found

    def opened_to(self, peer: Peer, side: str) -> tuple[Group, ...]:
        """The pods of others that an entry of a rule is open to. A block of egress is, to those that listen there."""
        if not peer.block or peer.direction == "Ingress":
            return self.others(peer.members, side)
        if not peer.members:
            return ()
        ports = repr(peer.ports)
        if (found := self._listeners.get(ports)) is None:
            everyone = self.others(peer.members, "")
            found = tuple(group for group in everyone if listening(peer.spans(group), group) is not None)
            self._listeners[ports] = found
        return tuple(group for group in found if self.side(group) != side)

    def open(self, direction: str) -> frozenset[Group]:
        """All groups of tenants that are open to others in a direction, as far as their own side goes."""
        if (found := self._open.get(direction)) is None:
            groups: set[Group] = set()
            for peer, selected in self.network.peers:
                if peer.direction == direction and selected and (side := self.side(selected[0])):
                    groups.update(selected if self.opened_to(peer, side) else ())
            for namespace, all_groups in self.network.groups.items():
                if self.tenants.side(namespace):
                    groups.update(each for each in all_groups if self.network.side(each, direction).peers is None)
            found = self._open[direction] = frozenset(groups)
        return found


def _of_peer(view: _View, peer: Peer, selected: tuple[Group, ...]) -> Iterator[Leak]:
    """The leaks of one entry of a rule: at most one of each kind, with an example."""
    if not selected:
        return
    side = view.side(selected[0])
    if not side:
        if peer.direction == "Ingress" and peer.policy.namespace in view.tenants.platforms:
            yield from _store(view, peer, selected)
        return
    if peer.direction == "Egress" and peer.block and _reaches_metadata(view, peer):
        yield _metadata(view, peer, selected)
    if others := view.opened_to(peer, side):
        yield from _opening(view, peer, selected, others)


def _opening(view: _View, peer: Peer, selected: tuple[Group, ...], others: tuple[Group, ...]) -> Iterator[Leak]:
    """A rule that is open to others: with the other side's consent, or without."""
    mine, whose = _pods(view, selected), _pods(view, others[:1], others)
    joined = _joined(view, peer.direction, selected, others)
    why = _why(peer)
    if joined is not None:
        source, target, other, port = joined
        if peer.direction == "Egress" and other is not None:
            # The receiver's rule is open as well, and is reported with this one beside it.
            return
        yield Leak(
            code=REACHED,
            origin=_pods(view, [source]),
            target=f"{_pods(view, [target])} on port {port}",
            through=f"{why}, and the other side allows it",
            rendered=peer.policy,
            at=peer.at,
            closed=_remedy(peer),
            related=(("the rule of the other side", other.policy, other.at),) if other else (),
        )
        return
    yield Leak(
        code=LET_IN if peer.direction == "Ingress" else SENT,
        origin=mine,
        verb="let in" if peer.direction == "Ingress" else "may send to",
        target=whose,
        through=f"{why}; only the other side's policies refuse it",
        rendered=peer.policy,
        at=peer.at,
        closed=_remedy(peer),
    )


def _joined(
    view: _View, direction: str, selected: tuple[Group, ...], others: tuple[Group, ...]
) -> tuple[Group, Group, Peer | None, str] | None:
    """An example of two groups that can connect through a rule: sender, receiver, the other side's rule, the port.

    Only groups whose own side is open to others are tried; in a sound cell there are none.
    """
    ready = view.open("Egress" if direction == "Ingress" else "Ingress")
    for mine in selected:
        for other in (each for each in others if each in ready):
            source, target = (other, mine) if direction == "Ingress" else (mine, other)
            way = view.network.connected(source, target)
            if way is not None:
                (leaving, entering), (protocol, first, last) = way
                port = (
                    f"{first}" if first == last else "any" if (first, last) == EVERY_PORT[0][1:] else f"{first}-{last}"
                )
                return source, target, leaving if direction == "Ingress" else entering, f"{port}/{protocol}"
    return None


def _of_namespace(view: _View, namespace: str) -> Iterator[Leak]:
    """Pods of a namespace that no policy selects, in either direction: they take and send everything."""
    side = view.tenants.side(namespace)
    for direction in ("Ingress", "Egress") if side else ("Ingress",):
        open_groups = [
            group for group in view.network.groups[namespace] if view.network.side(group, direction).peers is None
        ]
        if not open_groups:
            continue
        rendered, at = _named(view, namespace, open_groups)
        if rendered is None:
            continue
        everyone = [tenant for tenant in view.tenants.names if tenant != side]
        if not everyone:
            continue
        first = several(f"tenant {everyone[0]}", len(everyone), "tenant")
        into = direction == "Ingress"
        yield Leak(
            code=(LET_IN if into else SENT) if side else STORE,
            origin=_pods(view, open_groups),
            verb="let in" if into else "may send to",
            target=f"pods of {first}",
            through=f"no NetworkPolicy selects them for {direction.lower()}, so everything is allowed",
            rendered=rendered,
            at=at,
            closed=f"render a NetworkPolicy of {namespace} with an empty podSelector and policyTypes [Ingress, Egress]",
        )


def _named(view: _View, namespace: str, groups: list[Group]) -> tuple[Rendered | None, Pointer]:
    """Where to say that pods are without a policy: at the Namespace when it lacks one for all, else at their labels."""
    if all(group.pods for group in groups):
        pods = groups[0].pods[0]
        return pods.owner, (*pods.at, "metadata", "labels") if pods.at else ("metadata", "name")
    return view.tenants.declared.get(namespace), ("metadata", "name")


def _store(view: _View, peer: Peer, selected: tuple[Group, ...]) -> Iterator[Leak]:
    """An entry into a pooled store that lets in more than the named pods of its platform's tenants."""
    platform = view.tenants.platforms[peer.policy.namespace]
    strangers = [
        group
        for group in view.others(peer.members, "")
        if not group.pods or view.tenants.platforms.get(group.namespace, platform) != platform
    ]
    if strangers:
        yield Leak(
            code=STORE,
            origin=_pods(view, strangers[:1], strangers),
            target=f"{selected[0].name} in {peer.policy.namespace}, which holds the data of many tenants",
            through=_why(peer),
            rendered=peer.policy,
            at=peer.at,
            closed="name the platform's namespaces and the pods of the flow in one peer",
        )


def _metadata(view: _View, peer: Peer, selected: tuple[Group, ...]) -> Leak:
    return Leak(
        code=METADATA,
        origin=_pods(view, selected),
        target="the metadata service of their node (169.254.169.254)",
        through=f"its address is in the block {string(peer.block, 'cidr')}, and in no exception of it",
        rendered=peer.policy,
        at=(*peer.at, "ipBlock", "cidr"),
        closed="except 169.254.0.0/16",
    )


def _reaches_metadata(view: _View, peer: Peer) -> bool:
    if not takes_in_metadata(peer.block):
        return False
    ports = peer.ports if isinstance(peer.ports, list) else []
    narrow = bool(ports) and all(field(port, "port") in _WORKLOAD_IDENTITY_PORTS for port in ports)
    return not (view.google and link_local(peer.block) and narrow)


def _google(index: Index) -> bool:
    """Whether pods of the cluster have Google's workload identity."""
    accounts = index.of("", "ServiceAccount")
    return any(_WORKLOAD_IDENTITY in strings(each.data, "metadata", "annotations") for each in accounts)


def _host_network(index: Index, tenants: Tenants) -> Iterator[Diagnostic]:
    for pods in index.workloads:
        side = tenants.side(pods.owner.namespace)
        if side and pods.spec.get("hostNetwork") is True:
            yield Leak(
                code=HOST_NETWORK,
                origin=f"pods of {pods.owner.name} of {tenants.called(side)}",
                target="pods of every other tenant",
                through="they are on the network of their node, where no NetworkPolicy applies",
                rendered=pods.owner,
                at=(*pods.at, "spec", "hostNetwork"),
                closed="take hostNetwork out",
            ).diagnostic()


def _pods(view: _View, groups: Iterable[Group], everyone: Iterable[Group] = ()) -> str:
    """Groups in words: `pods of api of tenant acme and 3 more workloads`."""
    some = list(groups)
    side = view.side(some[0])
    whose = view.tenants.called(side) if side else f"the namespace {some[0].namespace}"
    name = some[0].name if not some[0].pods else f"pods of {some[0].name}"
    text = several(f"{name} of {whose}" if side else f"{name} in {some[0].namespace}", len(some), "workload")
    return several(text, view.sides(everyone), "tenant")


def _why(peer: Peer) -> str:
    """The rule in words."""
    rule = "an ingress rule" if peer.direction == "Ingress" else "an egress rule"
    if peer.block:
        return f"the block {string(peer.block, 'cidr')} of {rule} takes in the addresses of pods"
    if peer.at[-2] not in {"from", "to"}:
        return f"{rule} names no peers, so it is open to all"
    entry = field(peer.policy.data, *peer.at)
    kinds = [part for part in ("namespaceSelector", "podSelector") if isinstance(field(entry, part), dict)]
    if not kinds:
        return f"{rule} has an empty peer"
    return f"the {' and '.join(kinds)} of {rule} select{'s' if len(kinds) == 1 else ''} them"


def _remedy(peer: Peer) -> str:
    part = "from" if peer.direction == "Ingress" else "to"
    if peer.block:
        return "except the private ranges (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10), or name the ports"
    return f"name the namespace by kubernetes.io/metadata.name and the pods by a label, in one peer of `{part}`"
