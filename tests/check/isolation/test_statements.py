"""SQL is never taken for harmless because nobody understood it: what is not read is said to be so."""

from __future__ import annotations

import pytest

from generator.check.isolation.statements import Grant, read_script

HARMLESS = [
    "BEGIN; COMMIT;",
    "CREATE TABLE t (a text DEFAULT ';'); -- GRANT ALL ON t TO PUBLIC;",
    "/* ALTER ROLE a SUPERUSER; */ CREATE INDEX ON t (a);",
    "REVOKE CONNECT ON DATABASE a FROM PUBLIC",
    "DO $$ BEGIN IF true THEN EXECUTE format('CREATE TABLE %I ()', 'a'); END IF; END $$;",
]
UNREAD = [
    "ALTER ROLE a BYPASSRLS",
    "GRANT a TO b",
    "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC",
    "CREATE FUNCTION f() RETURNS int SECURITY DEFINER AS $$ SELECT 1; $$ LANGUAGE sql",
    "ALTER TABLE t OWNER TO tenants",
    "SET ROLE tenants",
    "COPY t TO PROGRAM 'cat'",
    "CREATE ROLE a",
    "DO $$ BEGIN EXECUTE command; END $$",
    "DO $$ BEGIN ALTER ROLE a SUPERUSER; END $$",
    "DO $$ BEGIN EXECUTE 'ALTER ROLE a SUPERUSER'; END $$",
    "DO $$ BEGIN EXECUTE 'CREATE TABLE t ()' || more; END $$",
    "DO $$ BEGIN EXECUTE format('CREATE TABLE t (%s)', columns); END $$",
    "DO $$ DECLARE a text := other(); BEGIN EXECUTE format('CREATE TABLE t (%s)', a); END $$",
    "DO $$ BEGIN EXECUTE format('CREATE TABLE t ()') || more; END $$",
    "DO $$ BEGIN PERFORM dblink_exec('a', 'b'); END $$",
    "DO $$ BEGIN ALTER ROLE a SET b = 'LOOP CREATE TABLE'; END $$",
    "\\i other.sql",
    "select lo_import('/etc/passwd')",
    "CREATE TABLE copied AS SELECT * FROM t; ALTER TABLE copied SET SCHEMA open",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless(text: str) -> None:
    script = read_script(text)
    assert (script.unread, script.grants) == ((), ())


@pytest.mark.parametrize("text", UNREAD)
def test_not_read(text: str) -> None:
    assert read_script(text).unread


@pytest.mark.parametrize(
    "text",
    [
        "GRANT SELECT, INSERT ON t TO a, PUBLIC",
        'grant select, insert on table public."t" to a, PUBLIC with grant option;',
        "DO $$ BEGIN GRANT SELECT, INSERT ON t TO a, PUBLIC; END $$",
        "DO $x$ BEGIN EXECUTE 'GRANT SELECT, INSERT ON t TO a, PUBLIC'; END $x$",
        "DO $$ BEGIN IF true THEN EXECUTE format('GRANT SELECT, INSERT ON %I TO a, PUBLIC', 't'); END IF; END $$",
    ],
)
def test_grants_wherever_they_stand(text: str) -> None:
    assert read_script(text).grants == (Grant("SELECT, INSERT", "t", ("a", "PUBLIC")),)
