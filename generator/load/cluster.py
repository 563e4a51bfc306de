"""What a cluster says of itself, through the official client, which is asked for only here.

The client is an extra of the package (`tenantry[cluster]`): nothing else of tenantry speaks to a cluster.
"""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any, Final

TIMEOUT: Final = 30
"""Seconds that a cluster has for each answer."""
_PAGE: Final = 100


class NoCluster(OSError):  # noqa: N818  it is a state of the world, not a fault
    """There is no client, no such context, or no cluster that answers."""


def definitions(context: str | None) -> tuple[str, bytes]:
    """The name of the context, and the CustomResourceDefinitions of its cluster as one JSON list.

    `context` is one of the kubeconfig (KUBECONFIG, else ~/.kube/config); None is the current one. Raises NoCluster.
    """
    try:
        client: Any = import_module("kubernetes.client")
        config: Any = import_module("kubernetes.config")
    except ImportError as missing:
        raise NoCluster("the Kubernetes client is not installed: pip install 'tenantry[cluster]'") from missing
    from urllib3.exceptions import HTTPError
    from urllib3.util import Retry

    try:
        contexts, active = config.list_kube_config_contexts()
        names = sorted(each["name"] for each in contexts)
        if context is not None and context not in names:
            raise NoCluster(f"the kubeconfig has no context '{context}'; it has {', '.join(names) or 'none'}")
        name = context or active["name"]
        settings = client.Configuration()
        config.load_kube_config(context=name, client_configuration=settings)
    except (config.ConfigException, KeyError, TypeError, AttributeError) as wrong:
        raise NoCluster(f"no cluster can be found by the kubeconfig: {_line(wrong)}") from wrong
    settings.retries = Retry(total=0)
    try:
        return name, _listed(client.ApiextensionsV1Api(client.ApiClient(settings)))
    except client.ApiException as refused:
        raise NoCluster(
            f"the cluster of context {name} does not hand out its definitions: {refused.status} {refused.reason}"
        ) from refused
    except (HTTPError, ValueError) as failure:
        raise NoCluster(f"the cluster of context {name} does not answer: {_line(failure)}") from failure


def _listed(api: Any) -> bytes:
    """All pages. The client's own objects would lose what they do not know, so the answers are taken as they come."""
    items: list[Any] = []
    page = None
    while page != "":
        answer = api.list_custom_resource_definition(
            limit=_PAGE, _preload_content=False, _request_timeout=TIMEOUT, **({"_continue": page} if page else {})
        )
        data = json.loads(answer.data)
        if not isinstance(data, dict) or not isinstance(data.get("items"), list):
            raise ValueError("its answer is no list of definitions")  # noqa: TRY004  told as any other nonsense
        items += data["items"]
        page = (data.get("metadata") or {}).get("continue") or ""
    whole = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinitionList", "items": items}
    return json.dumps(whole, ensure_ascii=False).encode()


def _line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
