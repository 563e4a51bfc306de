"""Ways that the proof does not follow, and pods that operators make: none of them may pass in silence."""

from __future__ import annotations

from tests.check.isolation.mutation import Cell, Mutation

CELL = "aws-us-east-1-prod-1"
SHARED = "aws-us-east-1-prod-2"
"""Its tenants are served from the shared services of their platform."""
ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: side-door, namespace: {namespace}}}
spec:
  parentRefs: [{{name: outside}}]
  rules:
    - backendRefs: [{{name: frontend, namespace: {backend}, port: 3000}}]
"""
INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: side-door, namespace: {namespace}}}
spec:
  defaultBackend: {{service: {{name: frontend, port: {{number: 3000}}}}}}
"""

SECRET = """\
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: kept
  namespace: {namespace}
  labels: {{tenantry.dev/tenant: acme}}
spec:
  secretStoreRef: {{kind: SecretStore, name: none}}
  data: [{{secretKey: password, remoteRef: {{key: tenants/acme/password}}}}]
"""


def route_of_a_tenant(cell: Cell) -> None:
    cell.add("tenants/acme/workload/route.yaml", ROUTE.format(namespace="tenant-acme", backend="tenant-acme"))


def route_of_the_platform(cell: Cell) -> None:
    cell.add("cluster/route.yaml", ROUTE.format(namespace="argocd", backend="tenant-acme"))


def route_to_the_platform(cell: Cell) -> None:
    cell.add("cluster/route.yaml", ROUTE.format(namespace="argocd", backend="argocd"))


def ingress_of_a_tenant(cell: Cell) -> None:
    cell.add("tenants/acme/workload/ingress.yaml", INGRESS.format(namespace="tenant-acme"))


def ingress_of_shared_services(cell: Cell) -> None:
    cell.add("cluster/ingress.yaml", INGRESS.format(namespace="a2z-soc"))


def policy_for_a_waypoint(cell: Cell) -> None:
    cell.add(
        "tenants/acme/tenancy/waypoint.yaml",
        """\
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: waypoint, namespace: tenant-acme}
spec:
  targetRefs: [{kind: Gateway, group: gateway.networking.k8s.io, name: waypoint}]
  rules: [{}]
""",
    )


def namespace_in_ambient_mode(cell: Cell) -> None:
    cell.get("Namespace", "", "tenant-acme")["metadata"]["labels"]["istio.io/dataplane-mode"] = "ambient"


def service_behind_a_waypoint(cell: Cell) -> None:
    cell.get("Service", "tenant-acme", "frontend")["metadata"]["labels"]["istio.io/use-waypoint"] = "waypoint"


def service_without_a_waypoint(cell: Cell) -> None:
    cell.get("Service", "tenant-acme", "frontend")["metadata"]["labels"]["istio.io/use-waypoint"] = "none"


def _beside_the_secret(cell: Cell, text: str) -> None:
    cell.add("cluster/kept.yaml", SECRET.format(namespace="a2z-soc-data"))
    cell.add("cluster/operated.yaml", text)


def search_with_a_tenants_secret(cell: Cell) -> None:
    _beside_the_secret(
        cell,
        """\
apiVersion: elasticsearch.k8s.elastic.co/v1
kind: Elasticsearch
metadata: {name: search, namespace: a2z-soc-data}
spec:
  nodeSets:
    - name: all
      podTemplate:
        spec:
          volumes: [{name: kept, secret: {secretName: kept}}]
""",
    )


def warehouse_with_a_tenants_secret(cell: Cell) -> None:
    _beside_the_secret(
        cell,
        """\
apiVersion: clickhouse.altinity.com/v1
kind: ClickHouseInstallation
metadata: {name: warehouse, namespace: a2z-soc-data}
spec:
  templates:
    podTemplates:
      - name: pod
        spec:
          containers:
            - name: clickhouse
              env: [{name: PASSWORD, valueFrom: {secretKeyRef: {name: kept, key: password}}}]
""",
    )


def workflow_with_a_tenants_secret(cell: Cell) -> None:
    _beside_the_secret(
        cell,
        """\
apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: {name: flow, namespace: a2z-soc-data}
spec:
  templates:
    - name: step
      container: {name: main, image: a, envFrom: [{secretRef: {name: kept}}]}
""",
    )


def monitoring_with_a_tenants_secret(cell: Cell) -> None:
    _beside_the_secret(
        cell,
        """\
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: metrics, namespace: a2z-soc-data}
spec:
  secrets: [kept]
""",
    )


def workflow_of_a_tenant_on_its_node(cell: Cell) -> None:
    cell.add(
        "tenants/acme/workload/flow.yaml",
        """\
apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: {name: flow, namespace: tenant-acme}
spec:
  volumes: [{name: node, hostPath: {path: /}}]
  templates: []
""",
    )


MUTATIONS = (
    Mutation("a route of the Gateway API of a tenant", CELL, route_of_a_tenant,
             ("ISO090 HTTPRoute tenant-acme/side-door",), "is a way of tenant acme beside Istio's own gateways"),
    Mutation("a route of the Gateway API to a tenant", CELL, route_of_the_platform,
             ("ISO090 HTTPRoute argocd/side-door",)),
    Mutation("a route of the Gateway API within the platform opens nothing", CELL, route_to_the_platform, ()),
    Mutation("an Ingress of a tenant", CELL, ingress_of_a_tenant, ("ISO090 Ingress tenant-acme/side-door",)),
    Mutation("an Ingress to shared services", SHARED, ingress_of_shared_services,
             ("ISO090 Ingress a2z-soc/side-door",)),
    Mutation("a policy that a waypoint enforces", CELL, policy_for_a_waypoint,
             ("ISO090 AuthorizationPolicy tenant-acme/waypoint",)),
    Mutation("a namespace in ambient mode", CELL, namespace_in_ambient_mode, ("ISO090 Namespace tenant-acme",)),
    Mutation("a Service behind a waypoint", CELL, service_behind_a_waypoint, ("ISO090 Service tenant-acme/frontend",)),
    Mutation("a Service that no waypoint is for opens nothing", CELL, service_without_a_waypoint, ()),
    Mutation("a search cluster with a tenant's secret", CELL, search_with_a_tenants_secret,
             ("ISO085 Elasticsearch a2z-soc-data/search",)),
    Mutation("a warehouse with a tenant's secret", CELL, warehouse_with_a_tenants_secret,
             ("ISO085 ClickHouseInstallation a2z-soc-data/warehouse",)),
    Mutation("a workflow with a tenant's secret", CELL, workflow_with_a_tenants_secret,
             ("ISO085 WorkflowTemplate a2z-soc-data/flow",)),
    Mutation("a monitoring server with a tenant's secret", CELL, monitoring_with_a_tenants_secret,
             ("ISO085 Prometheus a2z-soc-data/metrics",)),
    Mutation("a tenant's workflow with a path of its node", CELL, workflow_of_a_tenant_on_its_node,
             ("ISO084 WorkflowTemplate tenant-acme/flow",)),
)  # fmt: skip
