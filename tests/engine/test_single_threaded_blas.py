"""numpy's products keep to one thread while others need the cores, and get them back."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from deeprx_gui.engine.single_threaded_blas import _openblas, blas_threads, single_threaded_blas


@pytest.fixture
def two_threads() -> Iterator[None]:
    found = _openblas()
    assert found is not None, "numpy's wheels come with OpenBLAS"
    before = found[0]()
    found[1](2)
    yield
    found[1](before)


def test_it_holds_inside_and_not_after(two_threads: None) -> None:
    assert blas_threads() == 2
    with single_threaded_blas():
        assert blas_threads() == 1
        with single_threaded_blas():
            assert blas_threads() == 1
        assert blas_threads() == 1
    assert blas_threads() == 2


def test_it_ends_with_an_error(two_threads: None) -> None:
    with pytest.raises(KeyError), single_threaded_blas():
        raise KeyError
    assert blas_threads() == 2


def test_the_last_of_several_threads_gives_back(two_threads: None) -> None:
    inside, leave = threading.Event(), threading.Event()

    def other() -> None:
        with single_threaded_blas():
            inside.set()
            leave.wait(30)

    thread = threading.Thread(target=other)
    with single_threaded_blas():
        thread.start()
        assert inside.wait(30)
    assert blas_threads() == 1
    leave.set()
    thread.join(30)
    assert blas_threads() == 2


def test_products_stay_what_they_were(two_threads: None) -> None:
    rows = np.random.default_rng(0).normal(size=(300, 60))
    plain = rows.T @ rows
    with single_threaded_blas():
        assert np.allclose(rows.T @ rows, plain, rtol=1e-13)


def test_without_openblas_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deeprx_gui.engine.single_threaded_blas._openblas", lambda: None)
    with single_threaded_blas():
        assert blas_threads() is None
