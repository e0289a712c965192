import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from running import plain_environment

TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""

SUPERVISE = """
import sys, pathlib
from unstuck.runner import supervisor
from unstuck.runner.job import Job
folder = pathlib.Path(sys.argv[1])
try:
    outcome = supervisor.run(Job(kind="script", target="train.py", observer="watching:start"), folder)
except KeyboardInterrupt:
    print("everything stopped", flush=True)
    sys.exit(1)
print("diagnosing", outcome.how, outcome.code, outcome.exception, flush=True)
sys.exit(outcome.code)
"""

POLITE = """
import sys, time
print("tty", sys.stdin.isatty(), sys.stdout.isatty(), sys.stderr.isatty(), flush=True)
try:
    time.sleep(30)
except KeyboardInterrupt:
    print("saved", flush=True)
"""

RUDE = """
import time
print("tty", flush=True)
time.sleep(30)
"""

STUBBORN = """
import time
print("tty", flush=True)
while True:
    try:
        time.sleep(30)
    except KeyboardInterrupt:
        print("never", flush=True)
"""


class Terminal:
    """A terminal with the command line in its foreground, and keys to press."""

    def __init__(self, folder: Path, source: str) -> None:
        (folder / "train.py").write_text(source)
        self.master, slave = pty.openpty()
        self.text = ""
        self.process = subprocess.Popen(
            [sys.executable, "-c", TERMINAL, "-c", SUPERVISE, str(folder / "run")],
            cwd=folder,
            env=plain_environment(),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)

    def until(self, text: str) -> None:
        while text not in self.text:
            self.text += self._read()

    def _read(self) -> str:
        try:
            piece = os.read(self.master, 1000).decode()
        except OSError:  # nobody is at the other end any more
            piece = ""
        assert piece, f"the terminal closed after {self.text!r}"
        return piece

    def press_ctrl_c(self) -> None:
        time.sleep(0.3)  # until the script sleeps after what it printed
        os.write(self.master, b"\x03")

    def close(self) -> int:
        try:
            while True:
                self.text += self._read()
        except AssertionError:
            os.close(self.master)
        return self.process.wait(timeout=20)


def test_the_first_ctrl_c_is_the_scripts_own(tmp_path):
    terminal = Terminal(tmp_path, POLITE)
    terminal.until("tty True True True")
    terminal.press_ctrl_c()
    assert terminal.close() == 0
    assert "saved\r\ndiagnosing interrupted 0 None" in terminal.text


def test_a_script_that_dies_of_ctrl_c_is_still_diagnosed(tmp_path):
    terminal = Terminal(tmp_path, RUDE)
    terminal.until("tty")
    terminal.press_ctrl_c()
    assert terminal.close() == 130
    assert "line 4, in <module>\r\n    time.sleep(30)\r\nKeyboardInterrupt\r\n" in terminal.text
    assert "diagnosing interrupted 130 KeyboardInterrupt" in terminal.text


def test_the_second_ctrl_c_stops_everything(tmp_path):
    terminal = Terminal(tmp_path, STUBBORN)
    terminal.until("tty")
    terminal.press_ctrl_c()
    terminal.until("never")
    terminal.press_ctrl_c()
    assert terminal.close() == 1
    assert "everything stopped" in terminal.text
    assert "diagnosing" not in terminal.text


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        ("", "diagnosing killed 143 None\n"),
        ("signal.signal(15, lambda *a: sys.exit(3))", "diagnosing exited 3 None\n"),
    ],
)
def test_a_request_to_terminate_is_handed_on(tmp_path, handler, said):
    source = f"import signal, sys, time\n{handler}\nprint('on', flush=True)\ntime.sleep(30)"
    (tmp_path / "train.py").write_text(source)
    with subprocess.Popen(
        [sys.executable, "-c", SUPERVISE, str(tmp_path / "run")],
        cwd=tmp_path,
        env=plain_environment(),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "on\n"
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == said


def test_an_ignored_ctrl_c_stays_ignored(tmp_path):
    (tmp_path / "train.py").write_text("import signal\nprint(signal.getsignal(signal.SIGINT))")
    ignoring = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n" + SUPERVISE
    said = subprocess.check_output(
        [sys.executable, "-c", ignoring, str(tmp_path / "run")],
        cwd=tmp_path,
        env=plain_environment(),
        text=True,
    )
    assert said.startswith(str(signal.SIG_IGN))


def test_ctrl_c_while_we_start_ends_without_a_word(tmp_path):
    (tmp_path / "train.py").write_text("print('never')")
    slow = SUPERVISE.replace("watching:start", "watching:start_slowly")
    process = subprocess.Popen(
        [sys.executable, "-c", slow, str(tmp_path / "run")],
        cwd=tmp_path,
        env=plain_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    with process:
        while not (tmp_path / "run" / "slow").exists():
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGINT)
        assert process.stdout is not None
        assert process.stdout.read() == "diagnosing interrupted 130 None\n"
