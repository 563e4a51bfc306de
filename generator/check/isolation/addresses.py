"""What an ipBlock of a NetworkPolicy takes in, beyond the outside world that it is written for.

The output does not say which addresses pods have, so every private address may be a pod's. Whether a block applies to
traffic between pods differs between network plugins; here it does, which can only report more.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, Final, TypeAlias

from generator.check.fields import listed, string

_Network: TypeAlias = IPv4Network | IPv6Network

_INSIDE: Final[tuple[_Network, ...]] = tuple(
    map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"))
)
"""Where pods and nodes have their addresses: RFC 1918, RFC 6598 and RFC 4193."""
_METADATA: Final[tuple[_Network, ...]] = tuple(map(ip_network, ("169.254.169.254/32", "fd00:ec2::254/128")))
"""The metadata services of AWS, Azure and Google Cloud, which give out the credentials of the node."""
_LINK_LOCAL: Final = IPv4Network("169.254.0.0/16")


def takes_in_pods(block: Any) -> bool:
    """Whether some private address is in the block and in none of its exceptions."""
    return _takes_in(string(block, "cidr"), listed(block, "except"), _INSIDE)


def takes_in_metadata(block: Any) -> bool:
    """Whether the metadata service of a provider is in the block."""
    return _takes_in(string(block, "cidr"), listed(block, "except"), _METADATA)


def link_local(block: Any) -> bool:
    """Whether a block is about link-local addresses alone, so that it was written for what answers there."""
    network = _parsed(string(block, "cidr"))
    return isinstance(network, IPv4Network) and network.subnet_of(_LINK_LOCAL)


def _takes_in(cidr: str, exceptions: tuple[str, ...], ranges: Iterable[_Network]) -> bool:
    network = _parsed(cidr)
    if network is None:
        return True
    without = [found for found in map(_parsed, exceptions) if found is not None]
    return any(_left(narrower, without) for each in ranges if (narrower := _both(network, each)) is not None)


def _both(one: _Network, other: _Network) -> _Network | None:
    """What two networks have in common: the narrower of them, or nothing."""
    if one.version != other.version or not one.overlaps(other):
        return None
    return one if one.prefixlen >= other.prefixlen else other


def _left(network: _Network, exceptions: list[_Network]) -> bool:
    """Whether anything of a network is in none of the exceptions: they are disjoint once those inside others are gone,
    so it is a matter of counting addresses."""
    inside = {common for each in exceptions if (common := _both(network, each)) is not None}
    widest = [each for each in inside if not any(each != other and _both(each, other) == each for other in inside)]
    return sum(each.num_addresses for each in widest) < network.num_addresses


@lru_cache(maxsize=4096)
def _parsed(cidr: str) -> _Network | None:
    try:
        return ip_network(cidr, strict=False)
    except ValueError:
        return None
