"""Ways to break whose requests go where."""

from __future__ import annotations

from typing import Any

from tests.check.isolation.mutation import Cell, Mutation

CELL = "aws-us-east-1-prod-1"
PAIR = "aws-us-east-1-prod-2"
"""kestrel is served from the shared services of its platform."""

ROUTE = ("VirtualService", "tenant-acme", "tenant")
NEIGHBOUR = "frontend.tenant-brightfiles.svc.cluster.local"


def _spec(cell: Cell) -> Any:
    return cell.spec(*ROUTE)


def _hosts(cell: Cell, tenant: str) -> Any:
    return cell.spec("VirtualService", f"tenant-{tenant}", "tenant")["hosts"]


def host_of_another(cell: Cell) -> None:
    _hosts(cell, "acme").append(_hosts(cell, "brightfiles")[0])


def wildcard_over_another(cell: Cell) -> None:
    host = _hosts(cell, "brightfiles")[0]
    _hosts(cell, "acme").append(f"*.{host.partition('.')[2]}")


def record_of_another(cell: Cell) -> None:
    endpoints = cell.spec("DNSEndpoint", "tenant-acme", "tenant")["endpoints"]
    endpoints[0]["dnsName"] = _hosts(cell, "brightfiles")[0]


def route_to_a_neighbour(cell: Cell) -> None:
    _spec(cell)["http"][0]["route"][0]["destination"]["host"] = NEIGHBOUR


def mirror_to_a_neighbour(cell: Cell) -> None:
    _spec(cell)["http"][0]["mirror"] = {"host": NEIGHBOUR, "port": {"number": 3000}}


def second_mirror_to_a_neighbour(cell: Cell) -> None:
    _spec(cell)["http"][0]["mirrors"] = [{"destination": {"host": NEIGHBOUR}, "percentage": {"value": 1}}]


def share_to_a_neighbour(cell: Cell) -> None:
    _spec(cell)["http"][0]["route"].append({"destination": {"host": NEIGHBOUR}, "weight": 1})


def tcp_to_a_neighbour(cell: Cell) -> None:
    _spec(cell)["tcp"] = [{"route": [{"destination": {"host": NEIGHBOUR}}]}]


def delegate_to_a_neighbour(cell: Cell) -> None:
    _spec(cell)["http"][0]["delegate"] = {"name": "tenant", "namespace": "tenant-brightfiles"}


def shared_services_that_do_not_serve(cell: Cell) -> None:
    route = cell.spec("VirtualService", "tenant-elmhollow", "tenant")["http"][0]["route"][0]
    route["destination"]["host"] = "api.a2z-soc.svc.cluster.local"


def host_rewritten(cell: Cell) -> None:
    _spec(cell)["http"][0]["rewrite"] = {"authority": _hosts(cell, "brightfiles")[0]}


def host_header_set(cell: Cell) -> None:
    _spec(cell)["http"][0]["headers"] = {"request": {"set": {"Host": _hosts(cell, "brightfiles")[0]}}}


def platform_route_to_a_tenant(cell: Cell) -> None:
    routes = cell.spec("VirtualService", "istio-ingress", "a2z-soc-global-routing")["http"]
    routes[-1]["route"][0]["destination"]["host"] = "frontend.tenant-acme.svc.cluster.local"


def hosts_for_every_sidecar(cell: Cell) -> None:
    spec = _spec(cell)
    spec["gateways"].append("mesh")
    del spec["exportTo"]


def gateway_alone_for_all(cell: Cell) -> None:
    del _spec(cell)["exportTo"]


def entry(cell: Cell, export: str, hosts: str = "[api.partner.example]", more: str = "") -> None:
    cell.add("tenants/acme/workload/routing.yaml", f"""
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {{name: partner, namespace: tenant-acme, labels: {{tenantry.dev/tenant: acme}}}}
spec: {{hosts: {hosts}, location: MESH_EXTERNAL, resolution: DNS, ports: [{{number: 443, name: https, protocol: HTTPS}}]{export}{more}}}
""")  # fmt: skip # noqa: E501


def entry_for_all(cell: Cell) -> None:
    entry(cell, "")


def entry_for_a_neighbour(cell: Cell) -> None:
    entry(cell, ", exportTo: [., tenant-brightfiles]")


def entry_for_itself(cell: Cell) -> None:
    entry(cell, ", exportTo: [.]")


def entry_for_a_neighbours_service(cell: Cell) -> None:
    entry(cell, ", exportTo: [.]", hosts=f"[{NEIGHBOUR}]")


def entry_with_a_neighbour_behind(cell: Cell) -> None:
    entry(cell, ", exportTo: [.]", more=f", endpoints: [{{address: {NEIGHBOUR}}}]")


def external_name(cell: Cell) -> None:
    cell.add("tenants/acme/workload/services.yaml", f"""
apiVersion: v1
kind: Service
metadata: {{name: files, namespace: tenant-acme, labels: {{tenantry.dev/tenant: acme}}}}
spec: {{type: ExternalName, externalName: {NEIGHBOUR}}}
""")  # fmt: skip


def filter_at_the_gateway(cell: Cell) -> None:
    cell.add("tenants/acme/workload/routing.yaml", """
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: lua, namespace: istio-ingress, labels: {tenantry.dev/tenant: acme}}
spec: {configPatches: []}
""")  # fmt: skip


def filter_at_home(cell: Cell) -> None:
    filter_at_the_gateway(cell)
    cell.get("EnvoyFilter", "istio-ingress", "lua")["metadata"]["namespace"] = "tenant-acme"


def gateway_for_every_host(cell: Cell) -> None:
    cell.spec("Gateway", "istio-ingress", "tenant-acme")["servers"][0]["hosts"] = ["*"]


def gateway_for_a_neighbours_host(cell: Cell) -> None:
    hosts = cell.spec("Gateway", "istio-ingress", "tenant-acme")["servers"][0]["hosts"]
    hosts.append(f"tenant-acme/{_hosts(cell, 'brightfiles')[0]}")


def certificate_for_a_neighbours_host(cell: Cell) -> None:
    name = "domain-soc-acme-example-35a826d4"
    cell.spec("Certificate", "istio-ingress", name)["dnsNames"].append(_hosts(cell, "brightfiles")[0])


def certificate_of_a_twin(cell: Cell) -> None:
    cell.twin("acme", "merganser")
    one, other = (cell.spec("Gateway", "istio-ingress", f"tenant-{name}") for name in ("acme", "merganser"))
    one["servers"][0]["tls"]["credentialName"] = other["servers"][0]["tls"]["credentialName"]


ACME = "VirtualService tenant-acme/tenant"

MUTATIONS = (
    Mutation("a route for the host of another tenant", CELL, host_of_another, (f"ISO030 {ACME}",),
             "requests for brightfiles.us-east.originalphamanagement.com of tenant brightfiles can go to tenant acme"),
    Mutation("a route for a wildcard over another tenant", CELL, wildcard_over_another, (f"ISO030 {ACME}",)),
    Mutation("a DNS record for the host of another tenant", CELL, record_of_another,
             ("ISO030 DNSEndpoint tenant-acme/tenant",)),
    Mutation("a route to the service of a neighbour", CELL, route_to_a_neighbour, (f"ISO031 {ACME}",),
             "requests for tenant acme can reach frontend of tenant brightfiles"),
    Mutation("a mirror to the service of a neighbour", CELL, mirror_to_a_neighbour, (f"ISO031 {ACME}",)),
    Mutation("one of several mirrors to the service of a neighbour", CELL, second_mirror_to_a_neighbour,
             (f"ISO031 {ACME}",)),
    Mutation("a share of requests to the service of a neighbour", CELL, share_to_a_neighbour, (f"ISO031 {ACME}",)),
    Mutation("a TCP route to the service of a neighbour", CELL, tcp_to_a_neighbour, (f"ISO031 {ACME}",)),
    Mutation("a route delegated to a neighbour", CELL, delegate_to_a_neighbour, (f"ISO031 {ACME}",)),
    Mutation("a route to shared services that do not serve the tenant", PAIR, shared_services_that_do_not_serve,
             ("ISO031 VirtualService tenant-elmhollow/tenant",)),
    Mutation("a route that sets the host of another tenant", CELL, host_rewritten, (f"ISO031 {ACME}",)),
    Mutation("a route that sets the header of another tenant's host", CELL, host_header_set, (f"ISO031 {ACME}",)),
    Mutation("a route of the platform to the service of a tenant", CELL, platform_route_to_a_tenant,
             ("ISO031 VirtualService istio-ingress/a2z-soc-global-routing",)),
    Mutation("a route that every sidecar is given", CELL, hosts_for_every_sidecar, (f"ISO032 {ACME}",)),
    Mutation("a route for a gateway alone that every namespace is given opens nothing", CELL, gateway_alone_for_all,
             ()),
    Mutation("an outside host that a tenant defines for all", CELL, entry_for_all,
             ("ISO032 ServiceEntry tenant-acme/partner",)),
    Mutation("an outside host that a tenant defines for a neighbour", CELL, entry_for_a_neighbour,
             ("ISO032 ServiceEntry tenant-acme/partner",), "pods of tenant brightfiles are told by tenant acme"),
    Mutation("an outside host that a tenant defines for itself opens nothing", CELL, entry_for_itself, ()),
    Mutation("an entry for the service of a neighbour", CELL, entry_for_a_neighbours_service,
             ("ISO031 ServiceEntry tenant-acme/partner",)),
    Mutation("an entry with the service of a neighbour behind it", CELL, entry_with_a_neighbour_behind,
             ("ISO031 ServiceEntry tenant-acme/partner",)),
    Mutation("another name for the service of a neighbour", CELL, external_name, ("ISO031 Service tenant-acme/files",)),
    Mutation("a filter of a tenant at the gateway", CELL, filter_at_the_gateway,
             ("ISO033 EnvoyFilter istio-ingress/lua",)),
    Mutation("a filter of a tenant in its own namespace opens nothing", CELL, filter_at_home, ()),
    Mutation("a gateway of a tenant for every host", CELL, gateway_for_every_host,
             ("ISO034 Gateway istio-ingress/tenant-acme",)),
    Mutation("a gateway of a tenant for the host of a neighbour", CELL, gateway_for_a_neighbours_host,
             ("ISO034 Gateway istio-ingress/tenant-acme",)),
    Mutation("a certificate of a tenant for the host of a neighbour", CELL, certificate_for_a_neighbours_host,
             ("ISO034 Certificate istio-ingress/domain-soc-acme-example-35a826d4",)),
    Mutation("a gateway with the certificate of another tenant", CELL, certificate_of_a_twin,
             ("ISO034 Gateway istio-ingress/tenant-acme",)),
)  # fmt: skip
