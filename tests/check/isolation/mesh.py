"""Ways to break what the mesh keeps apart: identities, tokens and mutual TLS."""

from __future__ import annotations

from typing import Any

from tests.check.isolation.mutation import Cell, Mutation

CELL = "aws-us-east-1-prod-1"
PAIR = "aws-us-east-1-prod-2"
"""kestrel is served from the shared services of its platform; its twin merganser is as well, once it is made."""

API = ("AuthorizationPolicy", "tenant-acme", "tenant-acme-api")
SHARED_API = ("AuthorizationPolicy", "a2z-soc", "tenant-kestrel-api")
GATEWAY = "cluster.local/ns/istio-ingress/sa/istio-ingress"


def _rule(cell: Cell, policy: tuple[str, str, str] = API) -> Any:
    if policy == SHARED_API:
        cell.twin("kestrel", "merganser")
    return cell.spec(*policy)["rules"][0]


def split(cell: Cell) -> None:
    rule = _rule(cell)
    cell.spec(*API)["rules"] = [{part: rule[part]} for part in ("from", "to", "when")]


def without_from(cell: Cell) -> None:
    del _rule(cell)["from"]


def empty_rule(cell: Cell) -> None:
    cell.spec(*API)["rules"].append({})


def every_principal(cell: Cell) -> None:
    _rule(cell)["from"][0]["source"]["principals"] = ["*"]


def prefix_principal(cell: Cell) -> None:
    _rule(cell)["from"][0]["source"]["principals"].append("cluster.local/ns/tenant-*")


def suffix_principal(cell: Cell) -> None:
    _rule(cell)["from"][0]["source"]["principals"].append("*/sa/auth")


def neighbour_principal(cell: Cell) -> None:
    _rule(cell)["from"][0]["source"]["principals"].append("cluster.local/ns/tenant-brightfiles/sa/auth")


def neighbour_namespace(cell: Cell) -> None:
    _rule(cell)["from"].append({"source": {"namespaces": ["tenant-brightfiles"]}})


def not_own_namespace(cell: Cell) -> None:
    _rule(cell)["from"] = [{"source": {"notNamespaces": ["istio-system"]}}]


def own_account(cell: Cell) -> None:
    rules = cell.spec(*API)["rules"]
    rules.append({"from": [{"source": {"principals": ["cluster.local/ns/tenant-acme/sa/detection"]}}]})


def wide_but_denied(cell: Cell) -> None:
    _rule(cell)["from"][0]["source"]["principals"] = ["*"]
    cell.add("tenants/acme/tenancy/mesh.yaml", """
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: no-others, namespace: tenant-acme, labels: {tenantry.dev/tenant: acme}}
spec:
  action: DENY
  rules: [{from: [{source: {notNamespaces: [tenant-acme, istio-ingress]}}]}]
""")  # fmt: skip


def wide_and_denied_in_part(cell: Cell) -> None:
    wide_but_denied(cell)
    denial = cell.spec("AuthorizationPolicy", "tenant-acme", "no-others")
    denial["rules"][0]["to"] = [{"operation": {"methods": ["POST"]}}]


def allowed_by_the_root(cell: Cell) -> None:
    cell.add("cluster/mesh.yaml", """
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: metrics, namespace: istio-system}
spec: {rules: [{to: [{operation: {paths: [/metrics]}}]}]}
""")  # fmt: skip


def no_default_deny(cell: Cell) -> None:
    cell.drop("AuthorizationPolicy", "istio-system", "default-deny")


def default_deny_of_some(cell: Cell) -> None:
    cell.get("AuthorizationPolicy", "istio-system", "default-deny")["spec"] = {
        "selector": {"matchLabels": {"app.kubernetes.io/name": "api"}}
    }


def default_deny_denies_nothing(cell: Cell) -> None:
    cell.spec("AuthorizationPolicy", "istio-system", "default-deny")["action"] = "DENY"


def claim_of_another(cell: Cell) -> None:
    _rule(cell)["when"][1]["values"] = ["brightfiles"]


def claim_of_any(cell: Cell) -> None:
    _rule(cell, SHARED_API)["when"][1]["values"] = ["*"]


def claim_by_prefix(cell: Cell) -> None:
    _rule(cell, SHARED_API)["when"][1]["values"] = ["kestrel", "mergan*"]


def claim_dropped(cell: Cell) -> None:
    del _rule(cell, SHARED_API)["when"][1]


def claim_negated(cell: Cell) -> None:
    _rule(cell, SHARED_API)["when"][1] = {"key": "request.auth.claims[tenant_id]", "notValues": ["nobody"]}


def issuer_of_any(cell: Cell) -> None:
    rule = _rule(cell, SHARED_API)
    rule["from"][0]["source"]["requestPrincipals"] = ["*"]
    del rule["when"][0]


def issuer_in_one_source_only(cell: Cell) -> None:
    rule = _rule(cell, SHARED_API)
    rule["from"].append({"source": {"principals": [GATEWAY]}})
    del rule["when"][0]


def no_token(cell: Cell) -> None:
    rule = _rule(cell, SHARED_API)
    del rule["when"], rule["from"][0]["source"]["requestPrincipals"]


def host_of_another(cell: Cell) -> None:
    hosts = _rule(cell, SHARED_API)["to"][0]["operation"]["hosts"]
    hosts.append(hosts[0].replace("kestrel", "merganser"))


def host_by_wildcard(cell: Cell) -> None:
    _rule(cell, SHARED_API)["to"][0]["operation"]["hosts"] = ["*.a2zsoc.com"]


def hosts_dropped(cell: Cell) -> None:
    del _rule(cell, SHARED_API)["to"][0]["operation"]["hosts"]


def keys_of_another(cell: Cell) -> None:
    cell.twin("kestrel", "merganser")
    rules = [
        cell.spec("RequestAuthentication", "a2z-soc", f"tenant-{name}")["jwtRules"][0]
        for name in ("kestrel", "merganser")
    ]
    rules[1]["jwksUri"] = rules[0]["jwksUri"]


def plain_text(cell: Cell) -> None:
    cell.spec("PeerAuthentication", "tenant-acme", "default")["mtls"]["mode"] = "PERMISSIVE"


def plain_text_on_a_port(cell: Cell) -> None:
    cell.add("tenants/acme/tenancy/mesh.yaml", """
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: api, namespace: tenant-acme, labels: {tenantry.dev/tenant: acme}}
spec:
  selector: {matchLabels: {app.kubernetes.io/name: api}}
  mtls: {mode: STRICT}
  portLevelMtls: {"8080": {mode: DISABLE}}
""")  # fmt: skip


def mesh_wide_plain_text(cell: Cell) -> None:
    cell.spec("PeerAuthentication", "istio-system", "default")["mtls"]["mode"] = "PERMISSIVE"


def no_mesh_wide_mutual_tls(cell: Cell) -> None:
    cell.drop("PeerAuthentication", "istio-system", "default")


def own_mutual_tls_dropped(cell: Cell) -> None:
    cell.drop("PeerAuthentication", "tenant-acme", "default")


def sidecar_off(cell: Cell) -> None:
    cell.spec("Rollout", "tenant-acme", "api")["template"]["metadata"]["labels"]["sidecar.istio.io/inject"] = "false"


def port_left_out(cell: Cell) -> None:
    annotations = cell.spec("Rollout", "tenant-acme", "api")["template"]["metadata"].setdefault("annotations", {})
    annotations["traffic.sidecar.istio.io/excludeInboundPorts"] = "8080"


def injection_off(cell: Cell) -> None:
    cell.get("Namespace", "", "tenant-acme")["metadata"]["labels"]["istio-injection"] = "disabled"


def plain_destination(cell: Cell) -> None:
    cell.spec("DestinationRule", "tenant-acme", "api")["trafficPolicy"]["tls"] = {"mode": "DISABLE"}


ACME_API = "ISO020 AuthorizationPolicy tenant-acme/tenant-acme-api"
KESTREL = "AuthorizationPolicy a2z-soc/tenant-kestrel-api"

MUTATIONS = (
    Mutation("a rule split in three, for from, to and when", CELL, split,
             (ACME_API, "ISO022 AuthorizationPolicy tenant-acme/tenant-acme-api",
              "ISO023 AuthorizationPolicy tenant-acme/tenant-acme-api"),
             "pods of tenant brightfiles and 1 more tenant may call api of tenant acme"),
    Mutation("a rule that lost its from", CELL, without_from, (ACME_API,)),
    Mutation("an empty rule among those that allow", CELL, empty_rule,
             (ACME_API, "ISO023 AuthorizationPolicy tenant-acme/tenant-acme-api")),
    Mutation("a rule for every principal", CELL, every_principal, (ACME_API,)),
    Mutation("a rule for principals by a prefix", CELL, prefix_principal, (ACME_API,)),
    Mutation("a rule for principals by a suffix", CELL, suffix_principal, (ACME_API,)),
    Mutation("a rule for the account of a neighbour", CELL, neighbour_principal, (ACME_API,),
             "pods of tenant brightfiles may call api of tenant acme"),
    Mutation("a rule for the namespace of a neighbour", CELL, neighbour_namespace, (ACME_API,)),
    Mutation("a rule for all but one namespace", CELL, not_own_namespace, (ACME_API,)),
    Mutation("a rule for an account of the tenant opens nothing", CELL, own_account, ()),
    Mutation("a rule for every principal that a policy denies to others opens nothing", CELL, wide_but_denied, ()),
    Mutation("a rule for every principal that a policy denies for one method", CELL, wide_and_denied_in_part,
             (ACME_API,)),
    Mutation("a policy of the root namespace that allows a path to all", CELL, allowed_by_the_root,
             ("ISO020 AuthorizationPolicy istio-system/metrics",)),
    Mutation("no default deny in the mesh", CELL, no_default_deny, ("ISO021 Rollout tenant-acme/detection",),
             "no AuthorizationPolicy applies to them"),
    Mutation("a default deny of the mesh for some pods", CELL, default_deny_of_some,
             ("ISO021 Rollout tenant-acme/detection",)),
    Mutation("a default deny of the mesh with the action DENY and no rules", CELL, default_deny_denies_nothing,
             ("ISO021 Rollout tenant-acme/detection",)),
    Mutation("a claim with the name of another tenant", CELL, claim_of_another,
             ("ISO022 AuthorizationPolicy tenant-acme/tenant-acme-api",),
             "users of tenant brightfiles can reach api of tenant acme"),
    Mutation("a claim with any name", PAIR, claim_of_any, (f"ISO022 {KESTREL}",)),
    Mutation("a claim with a prefix of another name", PAIR, claim_by_prefix, (f"ISO022 {KESTREL}",)),
    Mutation("a rule that lost its claim", PAIR, claim_dropped, (f"ISO022 {KESTREL}",)),
    Mutation("a claim that must not have a name", PAIR, claim_negated, (f"ISO022 {KESTREL}",)),
    Mutation("a rule of a shared service for the tokens of any issuer", PAIR, issuer_of_any, (f"ISO022 {KESTREL}",),
             "which may say anything in tenant_id"),
    Mutation("a rule whose second source asks for no issuer", PAIR, issuer_in_one_source_only, (f"ISO022 {KESTREL}",)),
    Mutation("a rule without token where the service asks others for one", PAIR, no_token, (f"ISO023 {KESTREL}",)),
    Mutation("a rule for the host of another tenant", PAIR, host_of_another, (f"ISO024 {KESTREL}",)),
    Mutation("a rule for the hosts of all tenants", PAIR, host_by_wildcard, (f"ISO024 {KESTREL}",)),
    Mutation("a rule of a shared service that lost its hosts", PAIR, hosts_dropped, (f"ISO024 {KESTREL}",)),
    Mutation("the keys of another tenant's issuer", PAIR, keys_of_another,
             ("ISO028 RequestAuthentication a2z-soc/tenant-merganser",)),
    Mutation("plain text taken by a tenant", CELL, plain_text, ("ISO025 PeerAuthentication tenant-acme/default",)),
    Mutation("plain text taken on one port", CELL, plain_text_on_a_port,
             ("ISO025 PeerAuthentication tenant-acme/api",)),
    Mutation("plain text taken wherever no namespace says otherwise", PAIR, mesh_wide_plain_text,
             ("ISO025 PeerAuthentication istio-system/default",)),
    Mutation("no mutual TLS for the mesh", PAIR, no_mesh_wide_mutual_tls, ("ISO025 Namespace a2z-soc",)),
    Mutation("mutual TLS that the mesh repeats opens nothing when dropped", CELL, own_mutual_tls_dropped, ()),
    Mutation("a sidecar taken away by a label", CELL, sidecar_off, ("ISO026 Rollout tenant-acme/api",)),
    Mutation("a port that the sidecar leaves out", CELL, port_left_out, ("ISO026 Rollout tenant-acme/api",)),
    Mutation("a namespace without sidecars", CELL, injection_off, ("ISO026 Namespace tenant-acme",)),
    Mutation("a destination without mutual TLS", CELL, plain_destination, ("ISO027 DestinationRule tenant-acme/api",)),
)  # fmt: skip
