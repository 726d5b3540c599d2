"""Dropout: a share of the components, the mean as before, and a thread's own chance."""

import threading

import pytest
import torch

from groundup.model.dropout import draw_kept, dropout, own_chance


def test_a_share_is_zeroed_and_the_mean_stays() -> None:
    torch.manual_seed(1)
    x = torch.ones(100, 1000)
    found = dropout(x, 0.2)
    assert found.unique().tolist() == [0.0, 1.25]
    assert float((found == 0).float().mean()) == pytest.approx(0.2, abs=0.005)
    assert float(found.mean()) == pytest.approx(1.0, abs=0.01)
    assert dropout(x, 0.0) is x


def test_own_chance_is_that_of_its_seed_and_leaves_the_process_its_own() -> None:
    like = torch.empty(64)
    torch.manual_seed(1)
    expected = draw_kept(like, 0.5)
    torch.manual_seed(1)
    drawn: dict[int, torch.Tensor] = {}

    def draw(number: int) -> None:
        with own_chance(7 + number % 2):
            drawn[number] = draw_kept(like, 0.5)

    threads = [threading.Thread(target=draw, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert torch.equal(drawn[0], drawn[2])
    assert torch.equal(drawn[1], drawn[3])
    assert not torch.equal(drawn[0], drawn[1])
    assert torch.equal(draw_kept(like, 0.5), expected)
