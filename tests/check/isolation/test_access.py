"""pg_hba worked out by rows and classes finds a way in exactly where going through all pairs finds one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.check.isolation.access import LAST, Row, Word, entries, rows

ROLES = {f"tenant_{each}": (each, frozenset({"tenants"})) for each in "abc"} | {"tenant_d": ("d", frozenset[str]())}
DATABASES = {f"tenant_{each}": each for each in "abcd"} | {"shared": ""}

databases = st.sampled_from(
    [
        "all",
        '"all"',
        '"sameuser"',
        "sameuser",
        "samerole",
        "shared",
        "tenant_a",
        "tenant_b",
        "tenant_a,tenant_c",
        "other",
    ]
)
users = st.sampled_from(["all", "+tenants", "+staff", "tenant_a", "tenant_d", "tenant_b,tenant_c", "postgres"])
kinds = st.sampled_from(["host", "hostssl", "hostnossl", "local"])
addresses = st.sampled_from(["all", '"all"', "10.0.0.0/8", "10.0.0.0 255.0.0.0"])
methods = st.sampled_from(["scram-sha-256", "trust", "reject", "reject"])


@st.composite
def lines(draw: st.DrawFn) -> str:
    kind = draw(kinds)
    words = [kind, draw(databases), draw(users), *([] if kind == "local" else [draw(addresses)]), draw(methods)]
    return " ".join(words)


def by_all_pairs(given_rows: tuple[Row, ...]) -> bool:
    """Whether any role of a tenant gets into any database of another, from some address, in some way."""
    for role, (tenant, groups) in ROLES.items():
        for database, other in DATABASES.items():
            for kind in ("tls", "plain") if other not in {"", tenant} else ():
                for row in (*given_rows, LAST):
                    if row.fits(kind, role, groups, database):
                        if row.method != "reject":
                            return True
                        if row.everywhere:
                            break
    return False


@settings(max_examples=500, deadline=None)
@given(st.lists(lines(), max_size=6))
def test_a_way_in_is_found_exactly_where_there_is_one(texts: list[str]) -> None:
    given_rows, unread = rows(dict(enumerate(texts)))
    assert not unread
    found = list(entries(given_rows, ROLES, DATABASES))
    assert bool(found) == by_all_pairs(given_rows), texts
    assert all(DATABASES[entry.database] not in {"", ROLES[entry.role][0]} for entry in found)


def test_rows_that_need_another_file_or_are_no_rows_are_not_read() -> None:
    texts = [
        "host all @people all md5",
        "host all /^t all md5",
        "host all all",
        "anybody",
        "# a comment",
        "",
        "host a b c d",
    ]
    read, unread = rows(dict(enumerate(texts)))
    assert (len(read), unread) == (1, (0, 1, 2, 3))


def test_words_in_quotes_and_lists() -> None:
    ((row,), _) = rows({0: 'hostssl "a b",c,  d +g 10.0.0.0 255.0.0.0 reject'})
    assert row == Row(
        0,
        frozenset({"tls"}),
        (Word("a b", quoted=True), Word("c"), Word("d")),
        (Word("+g"),),
        everywhere=False,
        method="reject",
    )


@pytest.mark.parametrize("row", ['host "all" +tenants all reject', 'host all "+tenants" all reject',
                                 'host all "all" all reject', 'host all +tenants "all" reject'])  # fmt: skip
def test_a_keyword_in_quotes_refuses_only_what_has_that_name(row: str) -> None:
    roles = {name: found for name, found in ROLES.items() if found[1]}
    assert list(entries(rows({0: row})[0], roles, DATABASES))
    assert not list(entries(rows({0: row.replace('"', "")})[0], roles, DATABASES))
