"""Ways to break the network between tenants."""

from __future__ import annotations

from typing import Any

from tests.check.isolation.mutation import Cell, Mutation

CELL = "aws-us-east-1-prod-1"
"""acme and brightfiles have services and databases of their own, on two platforms; paperlane shares a database."""
SHARED = "gcp-us-central1-prod-1"
"""quartz is served from the shared services of its platform."""

ACME = "tenant-acme"


def _ingress(cell: Cell, name: str, namespace: str = ACME) -> Any:
    return cell.spec("NetworkPolicy", namespace, name)["ingress"]


def _egress(cell: Cell, name: str, namespace: str = ACME) -> Any:
    return cell.spec("NetworkPolicy", namespace, name)["egress"]


def every_namespace(cell: Cell) -> None:
    _ingress(cell, "gateway-to-api")[0]["from"] = [{"namespaceSelector": {}}]


def platform_namespaces(cell: Cell) -> None:
    peer = _ingress(cell, "gateway-to-api", "tenant-thousand")[0]["from"][0]
    peer["namespaceSelector"] = {"matchLabels": {"tenantry.dev/platform": "a2z-soc"}}
    del peer["podSelector"]


def peer_split(cell: Cell) -> None:
    peer = _ingress(cell, "metrics")[0]["from"][0]
    _ingress(cell, "metrics")[0]["from"] = [
        {"namespaceSelector": {"matchExpressions": [{"key": "environment", "operator": "Exists"}]}},
        {"podSelector": peer["podSelector"]},
    ]


def no_peers(cell: Cell) -> None:
    del _ingress(cell, "gateway-to-ingest")[0]["from"]


def empty_from(cell: Cell) -> None:
    _ingress(cell, "gateway-to-ingest")[0]["from"] = []


def rule_added(cell: Cell) -> None:
    _ingress(cell, "metrics").append({})


def not_in(cell: Cell) -> None:
    peer = _ingress(cell, "gateway-to-api")[0]["from"][0]
    peer["namespaceSelector"] = {
        "matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["tenant-acme"]}]
    }
    del peer["podSelector"]


def egress_everywhere(cell: Cell) -> None:
    _egress(cell, "dns-and-mesh")[0]["to"] = [{"namespaceSelector": {}}]


def egress_to_a_neighbour(cell: Cell) -> None:
    peer = _egress(cell, "flows-of-detection")[0]["to"][0]
    peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"] = "tenant-brightfiles"


def block_without_ports(cell: Cell) -> None:
    del _egress(cell, "postgres")[-1]["ports"]


def block_on_an_app_port(cell: Cell) -> None:
    _egress(cell, "postgres")[-1]["ports"] = [{"protocol": "TCP", "port": 8000, "endPort": 9000}]


def block_without_exceptions(cell: Cell) -> None:
    del _egress(cell, "postgres")[-1]["to"][0]["ipBlock"]["except"]


def block_of_the_metadata_service(cell: Cell) -> None:
    _egress(cell, "flows-of-api").append(
        {"to": [{"ipBlock": {"cidr": "169.254.169.254/32"}}], "ports": [{"protocol": "TCP", "port": 80}]}
    )


def ingress_from_addresses(cell: Cell) -> None:
    _ingress(cell, "gateway-to-api")[0]["from"].append({"ipBlock": {"cidr": "10.0.0.0/8"}})


def both_sides(cell: Cell) -> None:
    _ingress(cell, "gateway-to-api")[0]["from"].append({"namespaceSelector": {}})
    _egress(cell, "flows-of-auth", "tenant-brightfiles").append({"to": [{"namespaceSelector": {}}]})


def both_sides_on_other_ports(cell: Cell) -> None:
    _ingress(cell, "gateway-to-api")[0]["from"].append({"namespaceSelector": {}})
    _egress(cell, "flows-of-auth", "tenant-brightfiles").append(
        {"to": [{"namespaceSelector": {}}], "ports": [{"protocol": "TCP", "port": 8081}]}
    )


def default_deny_dropped(cell: Cell) -> None:
    cell.drop("NetworkPolicy", "tenant-quartz", "default-deny")


def default_deny_for_ingress_alone(cell: Cell) -> None:
    cell.spec("NetworkPolicy", "tenant-quartz", "default-deny")["policyTypes"] = ["Ingress"]


def default_deny_selects_some(cell: Cell) -> None:
    cell.spec("NetworkPolicy", "tenant-quartz", "default-deny")["podSelector"] = {"matchLabels": {"app": "none"}}


def policy_dropped_that_others_repeat(cell: Cell) -> None:
    cell.drop("NetworkPolicy", ACME, "default-deny")


def policy_in_the_wrong_namespace(cell: Cell) -> None:
    cell.get("NetworkPolicy", "tenant-quartz", "default-deny")["metadata"]["namespace"] = "oams"


def host_network(cell: Cell) -> None:
    cell.spec("Rollout", ACME, "api")["template"]["spec"]["hostNetwork"] = True


def shared_service_opened(cell: Cell) -> None:
    _ingress(cell, "gateway-to-auth", "oams")[0]["from"] = [
        {"namespaceSelector": {"matchLabels": {"tenantry.dev/platform": "oams"}}}
    ]


def shared_service_calls_tenants(cell: Cell) -> None:
    _egress(cell, "flows-of-auth", "oams").append(
        {"to": [{"namespaceSelector": {"matchLabels": {"tenantry.dev/tier": "enterprise"}}}]}
    )


def store_opened_to_all(cell: Cell) -> None:
    _ingress(cell, "flow-database", "a2z-soc-data")[0]["from"] = [{"namespaceSelector": {}}]


def store_opened_to_pods_of_the_platform(cell: Cell) -> None:
    del _ingress(cell, "flow-database", "a2z-soc-data")[0]["from"][0]["podSelector"]


def store_opened_to_another_platform(cell: Cell) -> None:
    selector = _ingress(cell, "dumps", "a2z-soc-data")[0]["from"][0]["namespaceSelector"]
    selector["matchLabels"] = {"tenant-isolation": "enabled"}


MUTATIONS = (
    Mutation("an ingress rule with an empty namespaceSelector", CELL, every_namespace,
             ("ISO011 NetworkPolicy tenant-acme/gateway-to-api",),
             "pods of api of tenant acme let in pods of"),
    Mutation("an ingress rule widened from the gateway to the namespaces of the platform", SHARED, platform_namespaces,
             ("ISO011 NetworkPolicy tenant-thousand/gateway-to-api",)),
    Mutation("a peer split in two so that either selector is enough", CELL, peer_split,
             ("ISO011 NetworkPolicy tenant-acme/metrics",)),
    Mutation("an ingress rule that lost its peers", CELL, no_peers,
             ("ISO011 NetworkPolicy tenant-acme/gateway-to-ingest",), "names no peers"),
    Mutation("an ingress rule with an empty list of peers", CELL, empty_from,
             ("ISO011 NetworkPolicy tenant-acme/gateway-to-ingest",), "names no peers"),
    Mutation("an empty ingress rule added", CELL, rule_added, ("ISO011 NetworkPolicy tenant-acme/metrics",)),
    Mutation("a NotIn that means everybody else", CELL, not_in, ("ISO011 NetworkPolicy tenant-acme/gateway-to-api",)),
    Mutation("an egress rule with an empty namespaceSelector", CELL, egress_everywhere,
             ("ISO012 NetworkPolicy tenant-acme/dns-and-mesh",)),
    Mutation("an egress rule to the pods of a neighbour", CELL, egress_to_a_neighbour,
             ("ISO012 NetworkPolicy tenant-acme/flows-of-detection",),
             "pods of detection of tenant acme may send to pods of database of tenant brightfiles"),
    Mutation("a block of egress that lost its ports", CELL, block_without_ports,
             ("ISO012 NetworkPolicy tenant-acme/postgres",)),
    Mutation("a block of egress over a range with the port of an app", CELL, block_on_an_app_port,
             ("ISO012 NetworkPolicy tenant-acme/postgres",)),
    Mutation("a block of egress that lost its exceptions", CELL, block_without_exceptions,
             ("ISO013 NetworkPolicy tenant-acme/postgres",), "169.254.169.254"),
    Mutation("egress to the metadata service", CELL, block_of_the_metadata_service,
             ("ISO013 NetworkPolicy tenant-acme/flows-of-api",)),
    Mutation("ingress from the addresses of the cluster", CELL, ingress_from_addresses,
             ("ISO011 NetworkPolicy tenant-acme/gateway-to-api",), "10.0.0.0/8"),
    Mutation("both sides open to each other", CELL, both_sides,
             ("ISO010 NetworkPolicy tenant-acme/gateway-to-api",),
             "pods of auth of tenant brightfiles can reach pods of api of tenant acme on port 8080/TCP"),
    Mutation("both sides open on ports that do not meet", CELL, both_sides_on_other_ports,
             ("ISO011 NetworkPolicy tenant-acme/gateway-to-api",
              "ISO012 NetworkPolicy tenant-brightfiles/flows-of-auth")),
    Mutation("a default deny dropped", SHARED, default_deny_dropped, ("ISO011 Namespace tenant-quartz",
                                                                      "ISO012 Namespace tenant-quartz")),
    Mutation("a default deny for one direction only", SHARED, default_deny_for_ingress_alone,
             ("ISO012 Namespace tenant-quartz",)),
    Mutation("a default deny that selects some pods only", SHARED, default_deny_selects_some,
             ("ISO011 Namespace tenant-quartz", "ISO012 Namespace tenant-quartz")),
    Mutation("a default deny that other policies repeat opens nothing when dropped", CELL,
             policy_dropped_that_others_repeat, ()),
    Mutation("a default deny in another namespace", SHARED, policy_in_the_wrong_namespace,
             ("ISO011 Namespace tenant-quartz", "ISO012 Namespace tenant-quartz")),
    Mutation("pods on the network of their node", CELL, host_network, ("ISO014 Rollout tenant-acme/api",)),
    Mutation("a shared service that every namespace of the platform may call", SHARED, shared_service_opened,
             ("ISO011 NetworkPolicy oams/gateway-to-auth",)),
    Mutation("a shared service that may call tenants of a tier", SHARED, shared_service_calls_tenants,
             ("ISO012 NetworkPolicy oams/flows-of-auth",)),
    Mutation("a pooled store open to every namespace", CELL, store_opened_to_all,
             ("ISO015 NetworkPolicy a2z-soc-data/flow-database",)),
    Mutation("a pooled store open to all pods of its platform", CELL, store_opened_to_pods_of_the_platform,
             ("ISO015 NetworkPolicy a2z-soc-data/flow-database",)),
    Mutation("a pooled store open to the tenants of another platform", CELL, store_opened_to_another_platform,
             ("ISO015 NetworkPolicy a2z-soc-data/dumps",)),
)  # fmt: skip
