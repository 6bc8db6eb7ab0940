"""Behind: in order, one at a time, at most one ahead of the caller, and errors come out."""

from __future__ import annotations

import threading
from functools import partial

import pytest

from deeprx_gui.work.pipelined_executor import PipelinedExecutor


def fail() -> None:
    raise ZeroDivisionError


def workers() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name.startswith("statistics")]


def test_calls_are_done_in_order_in_one_other_thread() -> None:
    done: list[tuple[int, str]] = []

    def note(number: int) -> None:
        done.append((number, threading.current_thread().name))

    with PipelinedExecutor("statistics") as behind:
        for number in range(50):
            behind.do(partial(note, number))
            assert len(done) >= number  # never more than one behind
    assert [number for number, _ in done] == list(range(50))
    assert {name for _, name in done} == {"statistics_0"}
    assert not workers()


def test_the_caller_goes_on_meanwhile() -> None:
    gate = threading.Event()
    with PipelinedExecutor("statistics") as behind:
        behind.do(lambda: assert_true(gate.wait(30)))
        gate.set()  # would never be reached if the call were waited for


def assert_true(found: object) -> None:
    assert found


def test_an_error_comes_out_of_the_next_call() -> None:
    with pytest.raises(ZeroDivisionError), PipelinedExecutor("statistics") as behind:  # noqa: PT012
        behind.do(fail)
        behind.do(lambda: None)
    assert not workers()


def test_an_error_of_the_last_call_is_not_lost() -> None:
    with pytest.raises(ZeroDivisionError), PipelinedExecutor("statistics") as behind:
        behind.do(fail)


def test_an_error_of_the_caller_is_not_replaced() -> None:
    with pytest.raises(KeyError), PipelinedExecutor("statistics") as behind:  # noqa: PT012
        behind.do(fail)
        raise KeyError
    assert not workers()
