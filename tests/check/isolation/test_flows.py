"""The answer worked out by groups and tables is the one that going through all pairs of pods gives."""

from __future__ import annotations

import ipaddress
import json
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from generator.check.index import index_cluster
from generator.check.isolation.flows import Network
from generator.check.isolation.tenants import tenants_of
from generator.check.objects import read

NAMESPACES = {"a": {"team": "x", "env": "prod"}, "b": {"team": "y", "env": "prod"}, "c": {"team": "x"}}
PODS = {"web": {"app": "web"}, "api": {"app": "api", "tier": "back"}, "db": {"app": "db", "tier": "back"}}
LISTENS = {"web": [("http", 80)], "api": [("http", 8080), ("metrics", 9000)], "db": [("sql", 5432)]}
PRIVATE = [ipaddress.ip_network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")]

keys = st.sampled_from(["app", "tier", "team", "env", "kubernetes.io/metadata.name"])
values = st.sampled_from(["web", "api", "db", "back", "x", "y", "prod", "a", "b"])
expressions = st.one_of(
    st.builds(
        lambda key, operator, values: {"key": key, "operator": operator, "values": values},
        keys,
        st.sampled_from(["In", "NotIn"]),
        st.lists(values, min_size=1, max_size=2),
    ),
    st.builds(
        lambda key, operator: {"key": key, "operator": operator}, keys, st.sampled_from(["Exists", "DoesNotExist"])
    ),
)
selectors = st.one_of(
    st.just({}),
    st.builds(lambda labels: {"matchLabels": labels}, st.dictionaries(keys, values, max_size=2)),
    st.builds(lambda each: {"matchExpressions": each}, st.lists(expressions, max_size=2)),
)
blocks = st.sampled_from(
    [
        {"cidr": "0.0.0.0/0"},
        {"cidr": "203.0.113.0/24"},
        {"cidr": "10.1.0.0/16"},
        {"cidr": "0.0.0.0/0", "except": [str(each) for each in PRIVATE]},
        {"cidr": "10.0.0.0/8", "except": ["10.0.0.0/9", "10.128.0.0/9"]},
        {"cidr": "10.0.0.0/8", "except": ["10.0.0.0/9", "10.0.0.0/10"]},
    ]
)
peers = st.one_of(
    st.builds(lambda each: {"namespaceSelector": each}, selectors),
    st.builds(lambda each: {"podSelector": each}, selectors),
    st.builds(lambda one, other: {"namespaceSelector": one, "podSelector": other}, selectors, selectors),
    st.builds(lambda each: {"ipBlock": each}, blocks),
)
ports = st.sampled_from(
    [
        {"protocol": "TCP", "port": 80},
        {"port": 8080, "endPort": 9000},
        {"port": "http"},
        {"port": "sql", "protocol": "UDP"},
        {"protocol": "UDP"},
        {"protocol": "TCP"},
        {"protocol": "UDP", "port": 53},
    ]
)
rules = st.lists(
    st.tuples(st.none() | st.lists(peers, max_size=2), st.none() | st.lists(ports, max_size=2)), max_size=2
)
policies = st.tuples(
    st.sampled_from(sorted(NAMESPACES)),
    selectors,
    st.none() | st.lists(st.sampled_from(["Ingress", "Egress"]), min_size=1, max_size=2, unique=True),
    st.none() | rules,
    st.none() | rules,
)


def policy(number: int, given: Any) -> dict[str, Any]:
    namespace, selector, types, ingress, egress = given
    spec: dict[str, Any] = {"podSelector": selector}
    if types is not None:
        spec["policyTypes"] = types
    for part, peer_part, found in (("ingress", "from", ingress), ("egress", "to", egress)):
        if found is not None:
            spec[part] = [
                {key: value for key, value in ((peer_part, peer), ("ports", port)) if value is not None}
                for peer, port in found
            ]
    metadata = {"name": f"p{number}", "namespace": namespace}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


def objects(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    spaces = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
        for name, labels in NAMESPACES.items()
    ]
    pods = [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": namespace, "labels": labels},
            "spec": {"containers": [{"ports": [{"name": n, "containerPort": p} for n, p in LISTENS[name]]}]},
        }
        for namespace in NAMESPACES
        for name, labels in PODS.items()
    ]
    return [*spaces, *pods, *found]


# The plain reading of the API's documentation, one pair and one port at a time.
def matches(selector: Any, labels: dict[str, str]) -> bool:
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    for each in selector.get("matchExpressions") or []:
        value = labels.get(each["key"])
        holds = {
            "In": value in each.get("values", []),
            "NotIn": value not in each.get("values", []),
            "Exists": value is not None,
            "DoesNotExist": value is None,
        }[each["operator"]]
        if not holds:
            return False
    return True


def inside(cidr: str, address: str) -> bool:
    return ipaddress.ip_address(address) in ipaddress.ip_network(cidr)


def is_peer(peer: Any, home: str, other: tuple[str, str]) -> bool:
    namespace, name = other
    if "ipBlock" in peer:
        block = peer["ipBlock"]
        samples = ("10.1.2.3", "10.200.0.1", "172.16.9.9", "192.168.1.1", "100.64.0.9", "10.0.0.1", "10.64.0.1")
        return any(
            inside(block["cidr"], at) and not any(inside(each, at) for each in block.get("except", []))
            for at in samples
        )
    spaces = {**NAMESPACES[namespace], "kubernetes.io/metadata.name": namespace}
    if "namespaceSelector" in peer and not matches(peer["namespaceSelector"], spaces):
        return False
    if "namespaceSelector" not in peer and namespace != home:
        return False
    return matches(peer.get("podSelector", {}), PODS[name])


def is_port(entry: Any, protocol: str, port: int, target: str) -> bool:
    if entry.get("protocol", "TCP") != protocol:
        return False
    if "port" not in entry:
        return True
    if isinstance(entry["port"], str):
        return protocol == "TCP" and (entry["port"], port) in LISTENS[target]
    return bool(entry["port"] <= port <= entry.get("endPort", entry["port"]))


def allows(found: list[Any], part: str, peer_part: str, own: Any, other: Any, target: str, at: tuple[str, int]) -> bool:
    direction = part.capitalize()
    selected = False
    for each in found:
        spec = each["spec"]
        types = spec.get("policyTypes") or (["Ingress", "Egress"] if spec.get("egress") else ["Ingress"])
        home = each["metadata"]["namespace"]
        if home != own[0] or direction not in types or not matches(spec["podSelector"], PODS[own[1]]):
            continue
        selected = True
        for rule in spec.get(part) or []:
            peers, ports = rule.get(peer_part) or [], rule.get("ports") or []
            if (not peers or any(is_peer(peer, home, other) for peer in peers)) and (
                not ports or any(is_port(port, *at, target) for port in ports)
            ):
                return True
    return not selected


@settings(max_examples=200, deadline=None)
@given(st.lists(policies, max_size=4))
def test_groups_and_tables_say_what_all_pairs_say(given_policies: list[Any]) -> None:
    found = [policy(number, each) for number, each in enumerate(given_policies)]
    body = "\n---\n".join(json.dumps(each) for each in objects(found)).encode()
    index = index_cluster("cell", "1.35", [read("cell/all.yaml", body)])
    network = Network(index, tenants_of(index).labels)
    groups = {
        (namespace, group.name): group for namespace in NAMESPACES for group in network.groups[namespace] if group.pods
    }
    interesting = [("TCP", 80), ("TCP", 8080), ("TCP", 8500), ("TCP", 9000), ("TCP", 5432), ("UDP", 53), ("UDP", 1)]
    for source, target in product(groups, repeat=2):
        expected = {
            at
            for at in interesting
            if allows(found, "egress", "to", source, target, target[1], at)
            and allows(found, "ingress", "from", target, source, target[1], at)
        }
        way = network.connected(groups[source], groups[target])
        assert (way is not None) == bool(expected), (source, target, way, expected)
        if way is not None:
            protocol, first, _ = way[1]
            assert allows(found, "egress", "to", source, target, target[1], (protocol, first)), way
            assert allows(found, "ingress", "from", target, source, target[1], (protocol, first)), way
