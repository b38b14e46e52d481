"""Signals that end a process: raised as Ctrl-C, ignored in a clean-up, and left alone where the caller ignores them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from migmerge.repository.interrupts import interrupts_ignored, interrupts_raised

ENDING = (signal.SIGINT, signal.SIGHUP, signal.SIGTERM)


@pytest.fixture(autouse=True)
def kept() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in ENDING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_is_raised_and_ignored_in_a_clean_up(number: signal.Signals) -> None:
    with interrupts_raised(), interrupts_ignored():
        os.kill(os.getpid(), number)
    with pytest.raises(KeyboardInterrupt), interrupts_raised():
        os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", ENDING)
def test_what_the_caller_ignores_stays_ignored_as_under_nohup(number: signal.Signals) -> None:
    signal.signal(number, signal.SIG_IGN)
    with interrupts_raised():
        os.kill(os.getpid(), number)
        with interrupts_ignored():
            os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)
    assert signal.getsignal(number) == signal.SIG_IGN
