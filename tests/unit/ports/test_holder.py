"""Whether the holder of a lease still lives: known on the same machine, never guessed elsewhere."""

import os
import subprocess
import sys

from broker.ports.holder import is_gone, new_holder

PROGRAM = "import sys; from broker.ports.holder import new_holder; print(new_holder(), flush=True); sys.stdin.read()"


def test_a_holder_is_gone_once_its_process_has_been_killed() -> None:
    """A hub that was killed cannot give its lease back: it is known to be gone at once, and not before."""
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as hub:
        name = hub.stdout.readline().decode().strip()
        assert "@" in name, "this system says when processes began"
        assert not is_gone(name)
        hub.kill()
        os.waitid(os.P_PID, hub.pid, os.WEXITED | os.WNOWAIT)  # it has ended; whoever started it has not yet looked
        assert is_gone(name)
    assert is_gone(name)


def test_two_of_one_process_are_two_and_both_alive() -> None:
    """Two workers in one process do not take each other's work for left behind."""
    one, other = new_holder(), new_holder()
    assert one != other
    assert not is_gone(one)
    assert not is_gone(other)


def test_a_number_that_was_given_out_again_is_another_process() -> None:
    """After a long uptime a new process may have the number of the one that died."""
    assert is_gone(new_holder().rpartition("/")[0] + "/1")


def test_nothing_is_known_of_another_machine() -> None:
    """Another machine, another container, or a name without a place: only the time of the lease counts."""
    nobody = 2**22 + 1  # above the highest number that Linux gives to a process
    here = new_holder().partition("@")[2].rpartition(f"/{os.getpid()}/")[0]
    assert is_gone(f"one@{here}/{nobody}/1")
    for place in (f"{here}0", here.replace("-", "_"), ""):
        assert not is_gone(f"one@{place}/{nobody}/1")
    for name in ("01JD6QK3Z8T0V5W2N4Y6B8C0CX", "", "one@", f"one@{here}/what/1"):
        assert not is_gone(name)
