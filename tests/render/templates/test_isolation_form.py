"""What keeps tenants apart, as rendered: the seeds' own policies let anyone in, so each part is asked for by name."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from generator.model.tenant import Isolation
from tests.fleets.example import Example, Rendered

GATEWAY = "cluster.local/ns/istio-ingress/sa/istio-ingress"


def rules_for_the_gateway(example: Example) -> list[tuple[Rendered, dict[str, Any]]]:
    """Every rule of a policy outside the gateways' own namespace that the gateway's identity may use."""
    return [
        (policy, rule)
        for policy in example.of("AuthorizationPolicy")
        for rule in policy.body["spec"].get("rules", ())
        if policy.namespace != "istio-ingress"
        if any(GATEWAY in each["source"].get("principals", ()) for each in rule.get("from", ()))
    ]


def is_public(example: Example, policy: Rendered) -> bool:
    """Whether the platform's file says that the route to the policy's service asks for no token."""
    service = policy.body["spec"]["selector"]["matchLabels"]["app.kubernetes.io/name"]
    platform = next(
        each
        for each in example.fleet.platforms
        if each.name == policy.body["metadata"]["labels"]["app.kubernetes.io/part-of"]
    )
    return next(route.public for each, route in platform.routed if each.name == service)


def test_every_rule_for_requests_from_outside_has_from_and_to_and_when(example: Example) -> None:
    rules = [(policy, rule) for policy, rule in rules_for_the_gateway(example) if not is_public(example, policy)]
    assert rules
    for policy, rule in rules:
        assert set(rule) == {"from", "to", "when"}, policy
        assert [set(each["source"]) for each in rule["from"]] == [{"principals", "requestPrincipals"}], policy
        assert [set(each["operation"]) for each in rule["to"]] == [{"hosts", "ports", "methods", "paths"}], policy


def test_a_public_route_still_comes_through_the_gateway_to_its_own_hosts_and_methods(example: Example) -> None:
    rules = [(policy, rule) for policy, rule in rules_for_the_gateway(example) if is_public(example, policy)]
    assert rules
    for policy, rule in rules:
        assert set(rule) == {"from", "to"}, policy
        assert [set(each["source"]) for each in rule["from"]] == [{"principals"}], policy
        assert [set(each["operation"]) for each in rule["to"]] == [{"hosts", "ports", "methods", "paths"}], policy


def test_a_rule_ties_one_tenants_token_to_its_own_hosts(example: Example) -> None:
    by_name = {(each.cluster.name, each.tenant.name): each for each in example.fleet.assignments}
    for policy, rule in rules_for_the_gateway(example):
        assignment = by_name[policy.cluster, policy.path.split("/")[2]]
        tenant = assignment.tenant
        assert rule["to"][0]["operation"]["hosts"] == list(assignment.all_hosts), policy
        if is_public(example, policy):
            continue
        assert rule["from"][0]["source"]["requestPrincipals"] == [f"{tenant.issuer.url}/*"], policy
        assert {each["key"]: each["values"] for each in rule["when"]} == {
            "request.auth.claims[iss]": [tenant.issuer.url],
            f"request.auth.claims[{tenant.platform.tenant_claim}]": [tenant.name],
        }, policy


def test_policies_that_add_up_on_a_workload_never_share_a_host_between_tenants(example: Example) -> None:
    owners: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for policy, rule in rules_for_the_gateway(example):
        for host in rule["to"][0]["operation"]["hosts"]:
            assert "*" not in host, policy
            owners[policy.cluster, policy.namespace, host].add(policy.path.split("/")[2])
    assert all(len(tenants) == 1 for tenants in owners.values())


def test_the_issuers_of_tenants_that_share_services_have_one_set_of_keys_each(example: Example) -> None:
    keys: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for item in example.of("RequestAuthentication"):
        for rule in item.body["spec"]["jwtRules"]:
            keys[item.cluster, item.namespace, rule["issuer"]].add(rule["jwksUri"])
    assert all(len(found) == 1 for found in keys.values())


def test_no_policy_allows_without_saying_what(example: Example) -> None:
    for policy in example.of("AuthorizationPolicy"):
        spec = policy.body["spec"]
        assert spec == {} or spec["rules"], policy
        for rule in spec.get("rules", ()):
            assert rule.get("to"), policy


def test_the_mesh_denies_by_default_and_takes_mutual_tls_only_on_every_cell(example: Example) -> None:
    for cluster, objects in example.clusters():
        root = [each for each in objects if each.namespace == "istio-system"]
        assert [each.body["spec"] for each in root if each.kind == "AuthorizationPolicy"] == [{}], cluster.name
        modes = [each.body["spec"]["mtls"]["mode"] for each in objects if each.kind == "PeerAuthentication"]
        assert set(modes) == {"STRICT"}, cluster.name
        assert any(each.kind == "PeerAuthentication" for each in root), cluster.name


def test_conditions_use_keys_that_istio_knows(example: Example) -> None:
    keys = {
        condition["key"]
        for policy in example.of("AuthorizationPolicy")
        for rule in policy.body["spec"].get("rules", ())
        for condition in rule.get("when", ())
    }
    assert keys
    assert all(key.startswith("request.auth.claims[") for key in keys)


def test_a_tenant_that_is_not_running_is_let_in_by_no_policy_and_no_route(example: Example) -> None:
    stopped = [each for each in example.fleet.assignments if not each.running]
    assert stopped
    for assignment in stopped:
        objects = example.folder(assignment)
        assert not [(policy, rule) for policy, rule in rules_for_the_gateway(example) if policy in objects], (
            assignment.tenant.name
        )
        routes = [
            each.body["spec"]["http"]
            for each in objects
            if each.kind == "VirtualService" and each.namespace == assignment.tenant.namespace
        ]
        assert [[sorted(route) for route in http] for http in routes] == [[["directResponse", "name"]]]


def test_every_namespace_of_services_denies_both_ways_by_default(example: Example) -> None:
    denied = {
        (each.cluster, each.namespace)
        for each in example.of("NetworkPolicy")
        if each.body["spec"]["podSelector"] == {}
        and sorted(each.body["spec"]["policyTypes"]) == ["Egress", "Ingress"]
        and not each.body["spec"].get("ingress")
        and not each.body["spec"].get("egress")
    }
    for assignment in example.fleet.assignments:
        assert (assignment.cluster.name, assignment.tenant.namespace) in denied
    for installation in example.fleet.installations:
        assert (installation.cluster.name, installation.platform.namespace) in denied


def test_no_network_policy_opens_to_every_namespace(example: Example) -> None:
    for policy in example.of("NetworkPolicy"):
        spec = policy.body["spec"]
        for direction, side in (("ingress", "from"), ("egress", "to")):
            for rule in spec.get(direction, ()):
                assert rule != {}, policy
                for peer in rule.get(side, ()):
                    assert peer.get("namespaceSelector", True), policy
                    assert peer.get("podSelector", True) or "namespaceSelector" not in peer, policy


def test_only_the_gateways_are_open_to_the_world(example: Example) -> None:
    for policy in example.of("NetworkPolicy"):
        for rule in policy.body["spec"].get("ingress", ()):
            assert rule.get("from") or (policy.namespace, policy.name) == ("istio-ingress", "gateway"), policy


def test_dns_is_asked_over_udp_and_tcp_from_kube_system_alone(example: Example) -> None:
    for policy in example.of("NetworkPolicy"):
        for rule in policy.body["spec"].get("egress", ()):
            ports = {(each["protocol"], each["port"]) for each in rule.get("ports", ())}
            if any(port == 53 for _, port in ports):
                assert ports == {("UDP", 53), ("TCP", 53)}, policy
                [peer] = rule["to"]
                assert peer["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": "kube-system"}


def test_a_tenants_files_name_no_other_tenant(example: Example) -> None:
    namespaces = {each.tenant.namespace for each in example.fleet.assignments}
    for assignment in example.fleet.assignments:
        others = namespaces - {assignment.tenant.namespace}
        for item in example.folder(assignment):
            assert not others & set(_words(item.body)), item


def _words(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {word for pair in value.items() for each in pair for word in _words(each)}
    if isinstance(value, list):
        return {word for each in value for word in _words(each)}
    return {str(value), *str(value).replace("/", ".").split(".")}


def test_a_tenants_own_application_stays_in_its_own_namespace(example: Example) -> None:
    for assignment in example.fleet.assignments:
        start = f"{assignment.cluster.name}/tenants/{assignment.tenant.name}/workload/"
        own = [each for each in example.objects if each.path.startswith(start)]
        assert own
        assert {each.namespace for each in own} == {assignment.tenant.namespace}


def test_tenants_that_share_services_run_no_pods(example: Example) -> None:
    shared = [each for each in example.fleet.assignments if each.tenant.isolation is Isolation.SHARED]
    assert shared
    for assignment in shared:
        assert not [each for each in example.folder(assignment) if each.kind in ("Deployment", "Rollout", "Service")]


def test_dedicated_tenants_tolerate_their_pool_and_share_no_node_with_another(example: Example) -> None:
    dedicated = [each for each in example.fleet.assignments if each.tenant.isolation is Isolation.DEDICATED]
    assert dedicated
    for assignment in dedicated:
        for item in example.folder(assignment):
            if item.kind not in ("Deployment", "Rollout"):
                continue
            pod = item.body["spec"]["template"]["spec"]
            assert pod["nodeSelector"], item
            assert pod["tolerations"], item
            [term] = pod["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
            assert {"key": "tenantry.dev/tenant", "operator": "NotIn", "values": [assignment.tenant.name]} in term[
                "labelSelector"
            ]["matchExpressions"], item


def test_gateways_take_tls_1_3_and_redirect_plain_http(example: Example) -> None:
    """A Gateway of customers' domains redirects by its one route: `httpsRedirect` would take ACME's challenges too."""
    routes = {
        (each.cluster, gateway): each.body["spec"]["http"]
        for each in example.of("VirtualService")
        for gateway in each.body["spec"]["gateways"]
    }
    gateways = [each for each in example.of("Gateway") if each.body["apiVersion"].startswith("networking.istio.io")]
    assert gateways
    for gateway in gateways:
        for server in gateway.body["spec"]["servers"]:
            if server["port"]["protocol"] == "HTTPS":
                assert server["tls"]["minProtocolVersion"] == "TLSV1_3", gateway
            elif "tls" in server:
                assert server["tls"] == {"httpsRedirect": True}, gateway
            else:
                route = routes[gateway.cluster, f"istio-ingress/{gateway.name}"]
                assert route == [{"name": "redirect", "redirect": {"scheme": "https", "redirectCode": 301}}], gateway


def test_routes_are_bound_to_gateways_and_told_to_them_alone(example: Example) -> None:
    for item in example.of("VirtualService"):
        assert item.body["spec"]["gateways"], item
        assert all(each.startswith("istio-ingress/") for each in item.body["spec"]["gateways"]), item
        assert set(item.body["spec"]["exportTo"]) <= {".", "istio-ingress"}, item


def test_the_region_header_steers_and_never_authorises(example: Example) -> None:
    headers = {platform.region_header for platform in example.fleet.platforms}
    for policy in example.of("AuthorizationPolicy"):
        assert not headers & _words(policy.body), policy
        assert "request.headers" not in str(policy.body), policy


def test_a_tenants_secrets_come_from_its_own_keys_through_its_own_store(example: Example) -> None:
    for assignment in example.fleet.assignments:
        separator = assignment.cluster.provider.key_separator
        prefix = separator.join(("tenants", assignment.tenant.name, ""))
        secrets = [each for each in example.folder(assignment) if each.kind == "ExternalSecret"]
        assert secrets
        for secret in secrets:
            store = secret.body["spec"]["secretStoreRef"]
            if secret.namespace == assignment.tenant.namespace:
                assert store == {"kind": "SecretStore", "name": "tenant"}, secret
            else:  # The platform sets the password of a pooled tenant's role.
                assert secret.namespace == f"{assignment.tenant.platform.namespace}-data", secret
                assert store == {"kind": "ClusterSecretStore", "name": "platform"}, secret
                assert [each["secretKey"] for each in secret.body["spec"]["data"]] == ["password"], secret
            assert all(each["remoteRef"]["key"].startswith(prefix) for each in secret.body["spec"]["data"]), secret


def test_stores_that_a_whole_cell_shares_name_the_namespaces_that_may_use_them(example: Example) -> None:
    for store in example.of("ClusterSecretStore"):
        names = [name for each in store.body["spec"]["conditions"] for name in each["namespaces"]]
        assert names, store
        assert not [name for name in names if name.startswith("tenant-")], store
