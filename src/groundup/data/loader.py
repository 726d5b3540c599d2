"""Batches of windows in the order of a phase, from any position, prepared ahead by a thread.

What a batch holds depends on the order and its position alone: not on prefetching, and over all ranks together not on
their number.
"""

import queue
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType

import numpy as np

from groundup.data.order import Order, make_windows
from groundup.data.packing import (
    IGNORED,
    Ints,
    count_targets,
    cut_windows,
    hide_targets,
    number_segments,
    restart_positions,
)
from groundup.data.token_files import TokenSet
from groundup.utils.errors import UserError


@dataclass(frozen=True)
class Batch:
    """The rows of one batch that one rank reads."""

    inputs: Ints  # (b, T)
    targets: Ints  # (b, T), IGNORED where nothing is to be predicted
    segments: Ints | None  # (b, T) number of the document inside its window; None unless asked for
    positions: Ints | None  # (b, T) positions that begin anew with each document; None unless asked for
    dataset_indices: Ints  # (b,) dataset of each row, as the order counts them
    window_indices: Ints  # (b,) window of that dataset
    counted: int  # targets that count in the whole batch, over all ranks: what the summed loss is divided by
    windows_of: Ints  # (datasets,) windows of each dataset in the whole batch, over all ranks
    counted_of: Ints  # (datasets,) targets that count among them
    consumed: int  # windows of the phase that are read when this batch is


class WindowReader:
    """Reads windows of several sets by number."""

    def __init__(self, sets: Sequence[TokenSet], window_size: int, *, segments: bool = False) -> None:
        """`segments`: also number the documents inside each window."""
        self._sets = list(sets)
        self._windows = [make_windows(token_set, window_size) for token_set in sets]
        self._window_size, self._segments = window_size, segments
        self.window_counts = [windows.count for windows in self._windows]
        # Of each set, when all windows are counted through.
        self.first_windows = np.cumsum([0, *self.window_counts], dtype=np.int64)

    def read(
        self, dataset_indices: Ints, window_indices: Ints, *, mine: slice = slice(None), consumed: int = 0
    ) -> Batch:
        """The batch of these windows; only the rows `mine` are read, all are counted.

        A rank without a row gets one of which nothing counts, so that all ranks keep step.
        """
        starts, lengths = np.empty_like(window_indices), np.empty_like(window_indices)
        windows_of, counted_of = (np.zeros(len(self._sets), np.int64) for _ in range(2))
        for dataset in np.unique(dataset_indices):
            rows = dataset_indices == dataset
            starts[rows], lengths[rows] = self._windows[dataset].spans(window_indices[rows])
            windows_of[dataset] = rows.sum()
            counted_of[dataset] = count_targets(self._sets[dataset].loss_mask, starts[rows], lengths[rows])
        idle = not len(dataset_indices[mine])
        mine = slice(0, 1) if idle else mine
        dataset_indices, window_indices = dataset_indices[mine], window_indices[mine]
        starts, lengths = starts[mine], lengths[mine]
        inputs = np.empty((len(starts), self._window_size), np.int64)
        targets = np.empty_like(inputs)
        segments = np.empty_like(inputs) if self._segments else None
        for dataset in np.unique(dataset_indices):
            rows, token_set = dataset_indices == dataset, self._sets[dataset]
            inputs[rows], targets[rows] = cut_windows(
                token_set.tokens, starts[rows], lengths[rows], self._window_size, token_set.meta.pad_id
            )
            if token_set.loss_mask is not None:
                targets[rows] = hide_targets(targets[rows], token_set.loss_mask, starts[rows], lengths[rows])
            if segments is not None:
                segments[rows] = number_segments(inputs[rows], token_set.meta.end_of_text_id)
        positions = None if segments is None else restart_positions(segments)
        if idle:
            targets[:], dataset_indices, window_indices = IGNORED, dataset_indices[:0], window_indices[:0]
        return Batch(
            inputs,
            targets,
            segments,
            positions,
            dataset_indices,
            window_indices,
            int(counted_of.sum()),
            windows_of,
            counted_of,
            consumed,
        )


class Batches:
    """An endless iterator over the batches of a phase; close it, or use it in a `with`.

    `state` is the number of windows in the batches handed out so far: give it as `consumed` to go on there.
    """

    def __init__(
        self,
        sets: Sequence[TokenSet],
        order: Order,
        *,
        batch_size: int,
        consumed: int = 0,
        rank: int = 0,
        world_size: int = 1,
        segments: bool = False,
        prefetch: int = 2,
    ) -> None:
        """`sets` are those of `order`, in any sequence. A rank reads rows rank, rank + world_size, ... of each batch.

        prefetch: batches prepared ahead; with 0 they are made when asked for, without a thread.
        Raises UserError when a set of the order is not among `sets`, or has other windows than it had.
        """
        if batch_size < 1 or not 0 <= rank < world_size:
            raise ValueError(f"batch_size {batch_size}, rank {rank} of {world_size} cannot be")
        self._order, self._batch_size, self._mine = order, batch_size, slice(rank, None, world_size)
        self._reader = WindowReader(_in_order(sets, order), order.window_size, segments=segments)
        if self._reader.window_counts != order.window_counts:
            raise UserError(
                f"the token files have {self._reader.window_counts} windows where this run began with "
                f"{order.window_counts}. Restore them, or begin anew with --restart."
            )
        self.state = consumed
        self._queue: queue.Queue[Batch | BaseException] = queue.Queue(maxsize=max(1, prefetch))
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        if prefetch:
            self._thread = threading.Thread(target=self._produce, args=(consumed,), name="batches", daemon=True)
            self._thread.start()

    def __iter__(self) -> Iterator[Batch]:
        return self

    def __next__(self) -> Batch:
        """The next batch. Raises what went wrong while it was prepared."""
        if self._stop.is_set():
            raise StopIteration
        batch = self._make(self.state) if self._thread is None else self._queue.get()
        if isinstance(batch, BaseException):
            self.close()
            raise batch
        self.state = batch.consumed
        return batch

    def __enter__(self) -> "Batches":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the thread and wait until it is gone. The iterator ends."""
        self._stop.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            while self._thread.is_alive():
                try:  # room for what the thread may be about to put
                    self._queue.get_nowait()
                except queue.Empty:
                    self._thread.join(timeout=0.01)

    def _make(self, position: int) -> Batch:
        after = position + self._batch_size
        datasets, windows = self._order.at_many(np.arange(position, after, dtype=np.int64))
        return self._reader.read(datasets, windows, mine=self._mine, consumed=after)

    def _produce(self, position: int) -> None:
        while not self._stop.is_set():
            try:
                batch = self._make(position)
            except BaseException as error:
                self._queue.put(error)
                return
            self._queue.put(batch)
            position = batch.consumed


def validation_windows(
    sets: Sequence[TokenSet],
    window_size: int,
    *,
    batch_size: int,
    segments: bool = False,
    max_windows: int | None = None,
    rank: int = 0,
    world_size: int = 1,
) -> Iterator[Batch]:
    """Yield every window of `sets` once, in the order in which they stand; the last batch may be smaller.

    max_windows: only so many, at equal distances over the whole text; the same ones every time.
    Several ranks get as many batches each and share the windows out; an idle one gets a row without targets.
    """
    reader = WindowReader(sets, window_size, segments=segments)
    total = int(reader.first_windows[-1])
    count = total if max_windows is None else min(total, max_windows)
    chosen = np.arange(count, dtype=np.int64) * total // max(1, count)
    mine = slice(rank, None, world_size)
    for start in range(0, count, batch_size * world_size):
        windows = chosen[start : start + batch_size * world_size]
        datasets = np.searchsorted(reader.first_windows, windows, side="right") - 1
        places = windows - reader.first_windows[datasets]
        yield reader.read(datasets, places, mine=mine, consumed=start + len(windows))


def _in_order(sets: Sequence[TokenSet], order: Order) -> list[TokenSet]:
    by_fingerprint = {token_set.fingerprint: token_set for token_set in sets}
    missing = [name for name in order.datasets if name not in by_fingerprint]
    if missing:
        raise UserError(
            f"the token file with fingerprint {missing[0][:12]}... is gone. Put it back, or begin anew with --restart."
        )
    return [by_fingerprint[name] for name in order.datasets]
