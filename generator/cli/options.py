"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from generator.report import FORMATS

if TYPE_CHECKING:
    from generator.model.shard import Shard

Function = TypeVar("Function", bound=Callable[..., Any])

format_ = click.option(
    "--format",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="How findings are written: for people, for programs, for code scanning, as annotations of GitHub Actions, as "
    "test results, as a comment on a pull request.",
)

_IMPACT: Final = ("text", "markdown", "html", "json", "github")
_IMPACT_HELP: Final = (
    "For people, for a comment on a pull request, as a page for a browser, for programs, as annotations of GitHub "
    "Actions"
)


def _of_impact(choices: Sequence[str], told: str) -> Callable[[Function], Function]:
    return click.option("--format", type=click.Choice(choices), default="text", show_default=True, help=told)


impact_format = _of_impact(_IMPACT, f"{_IMPACT_HELP}.")
review_format = _of_impact(
    (*_IMPACT, "sarif", "junit"),
    f"{_IMPACT_HELP}; the findings alone for code scanning, or as test results.",
)

jobs = click.option(
    "--jobs", type=click.IntRange(min=1), metavar="N", help="Processes to use.  [default: as many as it pays to use]"
)


class _Shard(click.ParamType[Any]):
    """`2/3`: the second of three shards."""

    name = "shard"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Shard:
        """Reads the two numbers. Fails unless the first is from 1 to the second."""
        from generator.model.shard import Shard

        number, slash, of = str(value).partition("/")
        if not (slash and _is_number(number) and _is_number(of) and 1 <= int(number) <= int(of)):
            self.fail(f"'{value}' is not a shard such as 2/3, the second of three", param, ctx)
        return Shard(int(number), int(of))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 4


shard = click.option(
    "--shard",
    type=_Shard(),
    metavar="I/N",
    help="Only the cells of one of N shards, for N machines; which cells those are is the same for every command.",
)

STATES: Final = ("active", "suspended", "offboarding", "offboarded")
"""The values of `generator.model.tenant.State`, here so that help needs no model."""
