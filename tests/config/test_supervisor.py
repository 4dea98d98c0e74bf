"""The loop of the supervisor, with small programs of the test's own."""

import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from config.supervisor.lock import AlreadyRunning, InstanceLock
from config.supervisor.program import Program
from config.supervisor.supervisor import GaveUp, Stopped, Supervisor

pytestmark = pytest.mark.fault

FOR_EVER = "import time\nprint('up', flush=True)\ntime.sleep(600)"


def script(name: str, code: str, *, is_once: bool = False, is_essential: bool = True) -> Program:
    command = [sys.executable, "-c", code]
    return Program(name=name, command=command, is_once=is_once, is_essential=is_essential, stop_timeout_s=5)


def test_output_is_relayed_line_by_line_with_the_name(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    supervisor = Supervisor(folder=tmp_path)
    program = script("talker", "print('one'); print('zwei – 2'); print('last', end='')", is_once=True)
    assert supervisor.run_once(program) == 0
    assert capfd.readouterr().out == "talker | one\ntalker | zwei – 2\ntalker | last\n"


def test_programs_that_end_report_their_first_failure(tmp_path: Path) -> None:
    supervisor = Supervisor(folder=tmp_path)
    good = script("good", "", is_once=True)
    bad = script("bad", "raise SystemExit(3)", is_once=True)
    assert supervisor.run_once(good, bad) == 3


def test_dying_program_is_given_up_by_name(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    supervisor = Supervisor(folder=tmp_path)
    supervisor.start(script("web", "raise SystemExit('the port is on fire')"))
    with pytest.raises(GaveUp, match=r"^web died 5 times in a row \(exit code 1\)\."):
        supervisor.run_forever()
    assert capfd.readouterr().out.count("the port is on fire") == 5


def test_dying_program_that_is_not_needed_is_left_alone(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    supervisor = Supervisor(folder=tmp_path)
    supervisor.start(script("model", "raise SystemExit(2)", is_essential=False))
    deadline = time.monotonic() + 30
    output = ""
    while "going on without it" not in output:
        assert time.monotonic() < deadline
        supervisor.until(lambda: True, timeout_s=1, what="nothing")
        supervisor._turn(0.05)
        output += capfd.readouterr().out
    assert not supervisor.is_running("model")


def test_signal_stops_in_order(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    supervisor = Supervisor(folder=tmp_path)
    code = f"import signal\nsignal.signal(15, lambda *_: (print('end'), exit()))\n{FOR_EVER}"
    with supervisor.signals():
        for name in ("redis", "worker", "beat"):
            supervisor.start(script(name, code))
        seen = ""

        def all_up() -> bool:
            nonlocal seen
            seen += capfd.readouterr().out
            return seen.count("up") == 3

        supervisor.until(all_up, timeout_s=20, what="the three")
        threading.Timer(0.1, signal.raise_signal, [signal.SIGINT]).start()
        with pytest.raises(Stopped):
            supervisor.run_forever()
        supervisor.stop(["beat", "worker", "redis"])
    assert capfd.readouterr().out == "  beat | end\nworker | end\n redis | end\n"


def test_program_that_does_not_end_is_killed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    supervisor = Supervisor(folder=tmp_path)
    stubborn = Program(
        name="worker",
        command=[sys.executable, "-c", f"import signal\nsignal.signal(15, signal.SIG_IGN)\n{FOR_EVER}"],
        stop_timeout_s=0.3,
    )
    supervisor.start(stubborn)
    supervisor.until(lambda: "up" in capfd.readouterr().out, timeout_s=20, what="the worker")
    supervisor.stop(["worker"])
    assert not supervisor.is_running("worker")
    assert "worker did not end within 0 s; killed." in capfd.readouterr().out


def test_waiting_has_an_end(tmp_path: Path) -> None:
    with pytest.raises(GaveUp, match=r"^The web process did not answer within 0 s\."):
        Supervisor(folder=tmp_path).until(lambda: False, timeout_s=0.1, what="The web process")


def test_lock_names_its_holder_and_falls_with_it(tmp_path: Path) -> None:
    first = InstanceLock(tmp_path / "up.lock")
    first.write("http://127.0.0.1:8000")
    with pytest.raises(AlreadyRunning, match=r"^already running: http://127\.0\.0\.1:8000 \(pid \d+\)$"):
        InstanceLock(tmp_path / "up.lock")
    first.release()
    InstanceLock(tmp_path / "up.lock").release()
