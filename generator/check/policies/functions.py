"""Kubernetes' own CEL libraries, as far as an offline check needs them (Kubernetes: "Common Expression Language").

A quantity, a version, an address or a URL is a mapping with one key that names its type, so that it can be passed
about and compared with `==`. A function raises ValueError where Kubernetes' fails; the engine makes that an error of
the expression. What is missing here (two-variable comprehensions, `format.named`, `sortBy`) makes a policy "not
evaluable", which is reported.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from ipaddress import ip_address, ip_network
from itertools import pairwise
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qs, urlsplit

from msgspec import Struct

Tagged: TypeAlias = dict[str, str]

_QUANTITY: Final = "kubernetes.Quantity"
_VERSION: Final = "kubernetes.Semver"
_URL: Final = "kubernetes.URL"
_ADDRESS: Final = "net.IP"
_NETWORK: Final = "net.CIDR"

_AMOUNT: Final = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]))?")
_UNITS: Final = {
    **{unit: Fraction(1024) ** power for power, unit in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), 1)},
    **{unit: Fraction(1000) ** power for power, unit in enumerate(("k", "M", "G", "T", "P", "E"), 1)},
    **{unit: Fraction(1, 1000) ** power for power, unit in enumerate(("m", "u", "n"), 1)},
}
_SEMVER: Final = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")


class Function(Struct, frozen=True):
    """One overload: its name, whether it is called on its first argument, and types by the names `cel.py` knows."""

    name: str
    takes: tuple[str, ...]
    gives: str
    run: Callable[..., Any]
    member: bool = True


def quantity(text: str) -> Tagged:
    """`quantity("1.5Gi")`."""
    return {_QUANTITY: str(_amount(text))}


def is_quantity(text: str) -> bool:
    """`isQuantity("1.5Gi")`."""
    return _AMOUNT.fullmatch(text) is not None


def semver(text: str) -> Tagged:
    """`semver("1.2.3")`."""
    if _SEMVER.fullmatch(text) is None:
        raise ValueError(f"'{text}' is no semantic version")
    return {_VERSION: text}


def compare(left: Tagged, right: Tagged) -> int:
    """`a.compareTo(b)` of quantities and versions: -1, 0 or 1."""
    one, other = _ordered(left), _ordered(right)
    return int(one > other) - int(one < other)


def find(text: str, pattern: str) -> str:
    """`"abc 123".find("[0-9]+")`: the first match, or "" for none."""
    found = re.search(pattern, text)
    return found[0] if found else ""


def find_all(text: str, pattern: str, limit: int = -1) -> list[str]:
    """`"1 2 3".findAll("[0-9]+", 2)`: the matches, at most `limit` of them where it is not negative."""
    found = [match[0] for match in re.finditer(pattern, text)]
    return found if limit < 0 else found[:limit]


def index_of(items: list[Any], item: Any) -> int:
    """`[1, 2].indexOf(2)`: -1 where it is not in the list."""
    return items.index(item) if item in items else -1


def last_index_of(items: list[Any], item: Any) -> int:
    """`[1, 2, 2].lastIndexOf(2)`: -1 where it is not in the list."""
    return len(items) - 1 - items[::-1].index(item) if item in items else -1


def is_sorted(items: list[Any]) -> bool:
    """`[1, 2].isSorted()`."""
    return all(one <= other for one, other in pairwise(items))


def url(text: str) -> Tagged:
    """`url("https://example.com/path")`: an absolute URL or an absolute path."""
    parts = urlsplit(text)
    if not (parts.scheme and parts.netloc) and not text.startswith("/"):
        raise ValueError(f"'{text}' is no URL")
    return {_URL: text}


def ip(text: str) -> Tagged:
    """`ip("10.0.0.1")`."""
    return {_ADDRESS: str(ip_address(text))}


def cidr(text: str) -> Tagged:
    """`cidr("10.0.0.0/8")`, host bits included."""
    ip_network(text, strict=False)
    return {_NETWORK: text}


def in_network(network: Tagged, address: Any) -> bool:
    """`cidr("10.0.0.0/8").containsIP("10.1.2.3")`."""
    text = address if isinstance(address, str) else _tag(address, _ADDRESS)
    return ip_address(text) in ip_network(_tag(network, _NETWORK), strict=False)


def network_in_network(outer: Tagged, inner: Any) -> bool:
    """`cidr("10.0.0.0/8").containsCIDR("10.1.0.0/16")`."""
    text = inner if isinstance(inner, str) else _tag(inner, _NETWORK)
    one, other = ip_network(text, strict=False), ip_network(_tag(outer, _NETWORK), strict=False)
    first, last = one.network_address, one.broadcast_address
    return one.version == other.version and first in other and last in other


def parses(parser: Callable[[str], object]) -> Callable[[str], bool]:
    """Whether a parser takes a text: `isIP`, `isCIDR`, `isURL`, `isSemver`."""

    def does(text: str) -> bool:
        try:
            parser(text)
        except ValueError:
            return False
        return True

    return does


def _amount(text: str) -> Fraction:
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise ValueError(f"'{text}' is no quantity")
    if found[2] is not None and abs(int(found[2][1:])) > 100:
        raise ValueError(f"'{text}' is out of range")
    return Fraction(found[1] + (found[2] or "")) * _UNITS.get(found[3] or "", Fraction(1))


def _ordered(value: Tagged) -> Any:
    if _QUANTITY in value:
        return Fraction(value[_QUANTITY])
    found = _SEMVER.fullmatch(_tag(value, _VERSION))
    if found is None:
        raise ValueError("no quantity and no version")
    parts = found[4].split(".") if found[4] else []
    before = [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts]
    return (int(found[1]), int(found[2]), int(found[3]), not before, before)


def _tag(value: Any, tag: str) -> str:
    if not isinstance(value, dict) or tag not in value:
        raise ValueError(f"not a {tag}")
    return str(value[tag])


def _of_quantity(run: Callable[[Fraction], Any]) -> Callable[[Tagged], Any]:
    return lambda value: run(Fraction(_tag(value, _QUANTITY)))


def _of_two(run: Callable[[Fraction, Fraction], Fraction]) -> Callable[[Tagged, Any], Tagged]:
    def apply(left: Tagged, right: Any) -> Tagged:
        other = Fraction(right) if isinstance(right, int) else Fraction(_tag(right, _QUANTITY))
        return {_QUANTITY: str(run(Fraction(_tag(left, _QUANTITY)), other))}

    return apply


def _of_url(run: Callable[[Any], Any]) -> Callable[[Tagged], Any]:
    return lambda value: run(urlsplit(_tag(value, _URL)))


FUNCTIONS: Final = (
    Function("quantity", ("string",), "dyn", quantity, member=False),
    Function("isQuantity", ("string",), "bool", is_quantity, member=False),
    Function("semver", ("string",), "dyn", semver, member=False),
    Function("isSemver", ("string",), "bool", parses(semver), member=False),
    Function("compareTo", ("dyn", "dyn"), "int", compare),
    Function("isGreaterThan", ("dyn", "dyn"), "bool", lambda left, right: compare(left, right) > 0),
    Function("isLessThan", ("dyn", "dyn"), "bool", lambda left, right: compare(left, right) < 0),
    Function("sign", ("dyn",), "int", _of_quantity(lambda amount: (amount > 0) - (amount < 0))),
    Function("isInteger", ("dyn",), "bool", _of_quantity(lambda amount: amount.denominator == 1)),
    Function("asInteger", ("dyn",), "int", _of_quantity(int)),
    Function("asApproximateFloat", ("dyn",), "double", _of_quantity(float)),
    Function("add", ("dyn", "dyn"), "dyn", _of_two(lambda left, right: left + right)),
    Function("sub", ("dyn", "dyn"), "dyn", _of_two(lambda left, right: left - right)),
    Function("find", ("string", "string"), "string", find),
    Function("findAll", ("string", "string"), "strings", find_all),
    Function("findAll", ("string", "string", "int"), "strings", find_all),
    Function("sum", ("list",), "dyn", sum),
    Function("min", ("list",), "dyn", min),
    Function("max", ("list",), "dyn", max),
    Function("isSorted", ("list",), "bool", is_sorted),
    Function("indexOf", ("list", "dyn"), "int", index_of),
    Function("lastIndexOf", ("list", "dyn"), "int", last_index_of),
    Function("sets.contains", ("list", "list"), "bool", lambda a, b: all(each in a for each in b), member=False),
    Function("sets.intersects", ("list", "list"), "bool", lambda a, b: any(each in a for each in b), member=False),
    Function(
        "sets.equivalent",
        ("list", "list"),
        "bool",
        lambda a, b: all(each in a for each in b) and all(each in b for each in a),
        member=False,
    ),
    Function("url", ("string",), "dyn", url, member=False),
    Function("isURL", ("string",), "bool", parses(url), member=False),
    Function("getScheme", ("dyn",), "string", _of_url(lambda parts: parts.scheme)),
    Function("getHost", ("dyn",), "string", _of_url(lambda parts: parts.netloc.rpartition("@")[2])),
    Function("getHostname", ("dyn",), "string", _of_url(lambda parts: parts.hostname or "")),
    Function("getPort", ("dyn",), "string", _of_url(lambda parts: str(parts.port or ""))),
    Function("getEscapedPath", ("dyn",), "string", _of_url(lambda parts: parts.path)),
    Function("getQuery", ("dyn",), "dyn", _of_url(lambda parts: parse_qs(parts.query, keep_blank_values=True))),
    Function("ip", ("string",), "dyn", ip, member=False),
    Function("isIP", ("string",), "bool", parses(ip), member=False),
    Function("family", ("dyn",), "int", lambda value: ip_address(_tag(value, _ADDRESS)).version),
    Function("isLoopback", ("dyn",), "bool", lambda value: ip_address(_tag(value, _ADDRESS)).is_loopback),
    Function("cidr", ("string",), "dyn", cidr, member=False),
    Function("isCIDR", ("string",), "bool", parses(cidr), member=False),
    Function("containsIP", ("dyn", "dyn"), "bool", in_network),
    Function("containsCIDR", ("dyn", "dyn"), "bool", network_in_network),
    Function("prefixLength", ("dyn",), "int", lambda value: ip_network(_tag(value, _NETWORK), strict=False).prefixlen),
)
