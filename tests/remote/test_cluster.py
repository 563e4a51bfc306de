"""A cluster gives what one process gives, whichever worker is lost; where it cannot, it says why in a sentence."""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

import generator.remote
from generator.pipeline import output, remote
from generator.remote import ClusterUnavailable, cluster
from tests.conftest import REPOSITORY
from tests.fleets import SMALL
from tests.remote import works


def test_results_come_in_the_order_of_the_batches(workers: Any) -> None:
    with cluster(workers.scheduler_address) as found:
        assert found.threads() == 3
        assert list(found.in_parallel(works.lengths, b"shared", range(40))) == [(6, number) for number in range(40)]


def test_a_lost_workers_batches_are_worked_on_again(workers: Any, tmp_path: Path) -> None:
    with cluster(workers.scheduler_address) as found:
        results = list(found.in_parallel(works.die_once, str(tmp_path).encode(), range(30)))
    assert (tmp_path / "died").exists()
    assert results == [(str(tmp_path), number) for number in range(30)]


def test_a_worker_that_is_killed_while_a_fleet_is_rendered_makes_no_difference(workers: Any) -> None:
    from distributed import Client

    with Client(workers.scheduler_address, set_as_default=False) as client:
        client.wait_for_workers(3)
        pids = list(client.run(os.getpid).values())
    killed: list[int] = []

    def kill(done: int, total: int) -> None:
        if not killed and done < total:
            killed.append(pids[0])
            os.kill(pids[0], signal.SIGKILL)

    rendered = remote.render_on(REPOSITORY, workers.scheduler_address, progress=kill)
    assert killed
    assert rendered == output.render(REPOSITORY, jobs=1)


def test_a_batch_that_kills_every_worker_is_given_up(workers: Any) -> None:
    with cluster(workers.scheduler_address) as found, pytest.raises(ClusterUnavailable, match="given up"):
        list(found.in_parallel(works.always_die, b"", [1]))


def test_inputs_with_errors_reach_no_cluster(tmp_path: Path) -> None:
    (tmp_path / "fleet.yaml").write_text("kind: Fleet\n")
    rendered = remote.render_on(tmp_path, "tcp://127.0.0.1:1")
    assert rendered.tree is None
    assert rendered.diagnostics


def test_an_expression_that_fails_on_a_worker_is_the_same_finding(workers: Any, tmp_path: Path) -> None:
    import shutil

    root = tmp_path / "fleet"
    shutil.copytree(SMALL, root)
    own = root / "templates" / "cluster" / "own.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("kind: ConfigMap\nmetadata:\n  name: {{ cluster.nmae }}\n")
    rendered = remote.render_on(root, workers.scheduler_address)
    assert [each.code.id for each in rendered.diagnostics] == ["RND014"]
    assert rendered == output.render(root, jobs=1)


def test_a_worker_with_another_program_is_refused(workers: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generator.remote, "program", works.another_everywhere)
    with (
        pytest.raises(ClusterUnavailable, match=rf"and 2 more runs another program.*here: {os.getpid()};"),
        cluster(workers.scheduler_address),
    ):
        pass


def test_a_worker_that_joins_later_is_asked_too() -> None:
    with pytest.raises(ClusterUnavailable, match="another program"):
        generator.remote._run("another program", works.lengths, b"", 1)


@pytest.mark.parametrize("address", ["scheduler", "foo://scheduler:1", "tcp://scheduler", "tcp://:8786x", ""])
def test_an_address_of_no_scheduler_is_refused_at_once(address: str) -> None:
    with pytest.raises(ClusterUnavailable, match="is no address"), cluster(address):
        pass


def test_a_scheduler_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generator.remote, "_CONNECT", 1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nothing answers, and nobody else gets the port
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ClusterUnavailable, match="no Dask scheduler answers"), cluster(address):
            pass


def test_a_cluster_without_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    from distributed import LocalCluster

    monkeypatch.setattr(generator.remote, "_CONNECT", 1)
    with (
        LocalCluster(n_workers=0, dashboard_address=":0") as empty,
        pytest.raises(ClusterUnavailable, match="has no worker"),
        cluster(empty.scheduler_address),
    ):
        pass


def test_without_dask_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterUnavailable, match=r"tenantry\[dask\]"), cluster("tcp://127.0.0.1:8786"):
        pass
