"""Where the seeds' way with custom domains is wrong, and what is rendered instead (OAMS, "Domain & SSL Management")."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generator.model.tenant import Assignment
from generator.pipeline.inputs import validate
from generator.place.names import HOSTS_A_GATEWAY
from tests.conftest import REPOSITORY
from tests.fleets.changed import Output, example_fleet, output

DOMAIN = "name: soc.acme.example, verified: true"
CHANGE = ("tenants/a2z-soc/acme.yaml", DOMAIN, f"{DOMAIN}, key: RSA")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Output:
    return output(example_fleet(tmp_path_factory.mktemp("domains"), CHANGE))


def folder(assignment: Assignment) -> str:
    return f"{assignment.cluster.name}/tenants/{assignment.tenant.name}/"


def certificates(found: Output, path: str = "/tenants/") -> dict[str, dict[str, Any]]:
    return {body["spec"]["dnsNames"][0]: body["spec"] for body in found.of("Certificate", path)}


def test_no_certificate_is_ordered_and_no_route_opened_before_the_domain_is_verified(found: Output) -> None:
    unverified = {domain.name for tenant in found.fleet.tenants for domain in tenant.unverified_domains}
    assert unverified
    for path, body in found.objects:
        if body["kind"] in ("Certificate", "Gateway", "VirtualService", "AuthorizationPolicy", "DNSEndpoint"):
            assert not [name for name in unverified if f"'{name}'" in str(body)], path


def test_until_then_a_job_looks_for_the_tenants_own_token(found: Output) -> None:
    wanted = {
        (each.tenant.name, domain.name)
        for each in found.fleet.assignments
        if each.serving and not each.leaving
        for domain in each.tenant.unverified_domains
    }
    jobs = found.of("Job", "/workload/domains.yaml")
    seen = set()
    for job in jobs:
        container = job["spec"]["template"]["spec"]["containers"][0]
        variables = {each["name"]: each.get("value", each.get("valueFrom")) for each in container["env"]}
        assert variables["VERIFICATION_METHOD"] == "dns_txt_record"
        assert variables["VERIFICATION_TOKEN"] == {"secretKeyRef": {"name": "domain-verification", "key": "token"}}
        assert job["spec"]["activeDeadlineSeconds"]
        seen.add((job["metadata"]["labels"]["tenantry.dev/tenant"], variables["VERIFICATION_DOMAIN"]))
    assert seen == wanted


def test_a_job_that_would_change_gets_another_name(found: Output, tmp_path: Path) -> None:
    limits = "limits: {cpu: 200m, memory: 128Mi}"
    root = example_fleet(tmp_path, ("platforms/a2z-soc.yaml", limits, "limits: {cpu: 300m, memory: 128Mi}"))

    def names(one: Output) -> set[str]:
        return {body["metadata"]["name"] for body in one.of("Job", "lindgren/workload/domains.yaml")}

    assert names(found)
    assert not names(found) & names(output(root))


def test_no_image_is_called_latest(found: Output) -> None:
    for path, body in found.objects:
        if body["kind"] in ("Job", "CronJob"):
            assert ":latest" not in str(body), path
            assert "@sha256:" in str(body), path


def test_a_certificate_is_renewed_by_a_share_of_its_lifetime_and_not_by_days(found: Output) -> None:
    for spec in certificates(found).values():
        assert "renewBefore" not in spec
        assert "duration" not in spec
        assert 0 < spec["renewBeforePercentage"] < 100


def test_a_customers_domain_is_certified_by_its_exact_name_since_http01_gives_no_wildcard(found: Output) -> None:
    for each in found.fleet.assignments:
        names = certificates(found, folder(each))
        assert set(names) == {domain.name for domain in each.domains}
        for spec in names.values():
            assert len(spec["dnsNames"]) == 1
            assert "*" not in spec["dnsNames"][0]


def test_a_certificates_key_is_what_its_tenant_asks_for(found: Output) -> None:
    keys = {name: spec["privateKey"] for name, spec in certificates(found).items()}
    assert {key: keys["soc.acme.example"][key] for key in ("algorithm", "size")} == {"algorithm": "RSA", "size": 2048}
    others = {(key["algorithm"], key["size"]) for name, key in keys.items() if name != "soc.acme.example"}
    assert others == {("ECDSA", 256)}


def test_certificate_and_listener_stand_where_the_gateway_reads_them_and_only_where_the_tenant_is_served(
    found: Output,
) -> None:
    for each in found.fleet.assignments:
        made = found.of("Certificate", folder(each)) + found.of("Gateway", folder(each))
        assert bool(made) == bool(each.serving and each.tenant.verified_domains)
        assert {body["metadata"]["namespace"] for body in made} <= {"istio-ingress"}
        hosts = [
            (server["port"]["number"], host)
            for body in found.of("Gateway", folder(each))
            for server in body["spec"]["servers"]
            for host in server["hosts"]
        ]
        names = [domain.name for domain in each.domains]
        assert sorted(hosts) == sorted((port, name) for port in (80, 443) for name in names)


def test_a_served_domain_is_a_host_of_the_tenants_route_and_of_its_rules(found: Output) -> None:
    served = [each for each in found.fleet.assignments if each.domains and each.running]
    assert served
    for each in served:
        names = {domain.name for domain in each.domains}
        (route,) = found.of("VirtualService", folder(each) + "workload/")
        assert names <= set(route["spec"]["hosts"])
        assert f"istio-ingress/{each.tenant.namespace}" in route["spec"]["gateways"]
        rules = [
            rule["to"][0]["operation"]["hosts"]
            for body in found.of("AuthorizationPolicy", folder(each) + "tenancy/mesh.yaml")
            for rule in body["spec"]["rules"]
            if "hosts" in rule["to"][0]["operation"]
        ]
        assert rules
        assert all(names <= set(hosts) for hosts in rules)


def test_challenges_are_not_redirected_and_their_service_opens_no_node_port(found: Output) -> None:
    """`httpsRedirect` takes every path of its hosts; before the first certificate nothing listens at 443."""
    for body in found.of("Gateway", "/tenancy/domains.yaml"):
        assert all("httpsRedirect" not in server.get("tls", {}) for server in body["spec"]["servers"])
    for issuer in found.of("ClusterIssuer"):
        solver = next(each["http01"] for each in issuer["spec"]["acme"]["solvers"] if "http01" in each)
        assert solver["gatewayHTTPRoute"]["serviceType"] == "ClusterIP"
        assert "ingress" not in solver


def test_our_dns_says_nothing_of_a_customers_domain(found: Output) -> None:
    own = tuple(f".{platform.domain}" for platform in found.fleet.platforms)
    for body in found.of("DNSEndpoint"):
        assert all(endpoint["dnsName"].endswith(own) for endpoint in body["spec"]["endpoints"])


def test_a_cell_with_more_domains_than_its_gateways_hold_is_refused(tmp_path: Path) -> None:
    file = REPOSITORY / "tenants/a2z-soc/acme.yaml"
    text = file.read_text(encoding="utf-8")
    root = example_fleet(tmp_path)
    number = 0
    for copy in range(11):
        domains = "".join(
            f"    - {{name: d{number + at}.crowd.example, verified: true}}\n" for at in range(HOSTS_A_GATEWAY // 10)
        )
        number += HOSTS_A_GATEWAY // 10
        body = text.replace("name: acme", f"name: crowd{copy}").replace("acme", f"crowd{copy}")
        body = body.replace(f"    - {{name: soc.crowd{copy}.example, verified: true}}\n", domains)
        (root / f"tenants/a2z-soc/crowd{copy}.yaml").write_text(body, encoding="utf-8")
    (about,) = [each for each in validate(root).diagnostics if each.code.id == "PLC011"]
    assert f"at most {HOSTS_A_GATEWAY}" in about.expected
    assert about.location.path == "regions/us-east-1.yaml"
