"""A gateway that cannot be set up says which command failed, and leaves nothing running."""

from pathlib import Path

import pytest

from gateway.demo.process import GatewayDidNotStart, GatewayProcess


@pytest.fixture
def process(tmp_path: Path) -> GatewayProcess:
    return GatewayProcess(tmp_path / "gateway", tenant="aoba", log_origin="demo.example/test")


def test_set_up_with_a_founding_that_lacks_members_is_refused(process: GatewayProcess) -> None:
    with pytest.raises(GatewayDidNotStart, match="tasuki agency found: schema-violation: founding"):
        process.set_up({"pack": "default"})

    process.stop()


def test_start_without_database_and_keys_is_refused(process: GatewayProcess) -> None:
    process.folder.mkdir()

    with pytest.raises(GatewayDidNotStart, match=r"gateway\.log"):
        process.start()

    assert 0 == process.pid


def test_gateways_prepared_at_once_have_ports_of_their_own(tmp_path: Path) -> None:
    processes = [
        GatewayProcess(tmp_path / str(n), tenant="aoba", log_origin="demo.example/test")
        for n in range(20)
    ]

    assert len(processes) == len({p.origin for p in processes})

    for process in processes:
        process.stop()
