"""Continuous batching: sequences join and leave between steps, and share each step.

A step reads the last token of every sequence that writes, and a piece of a prompt for those that do not write yet. What
a request gets depends on itself alone: its logits (see `Stepper`) and its random numbers are its own.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

from groundup.inference.generation import Completion, check_generation
from groundup.inference.requests import (
    CANCELLED,
    FAILED,
    TIMEOUT,
    Progress,
    Request,
    Ticket,
    TokenChoice,
    choice,
    new_ticket,
)
from groundup.inference.sampling import next_tokens
from groundup.inference.slots import SlotTable
from groundup.inference.stepper import Stepper
from groundup.tokenizer.interface import Tokenizer
from groundup.utils.errors import UserError

PROMPT_TOKENS_BESIDE_WRITING = 64
"""Prompt tokens that a step reads while others write: more would make them wait noticeably."""

log = logging.getLogger(__name__)


class QueueFullError(RuntimeError):
    """Too many requests wait already: try again later."""


@dataclass(frozen=True)
class Piece:
    """What a step reads of one sequence."""

    ticket: Ticket
    ids: Sequence[int]
    place: int
    last: bool  # the sequence goes on from here: logits are wanted


@dataclass
class EngineCounts:
    """What the engine has done and how it stands. Read without lock: each number by itself is right."""

    steps: int = 0
    prompt_tokens: int = 0
    reused_tokens: int = 0
    generated_tokens: int = 0
    running: int = 0
    waiting: int = 0
    free_slots: int = 0


class Engine:
    """One thread that steps while there is something to do. `submit` and `Ticket.cancel` are for any thread."""

    def __init__(
        self,
        stepper: Stepper,
        tokenizer: Tokenizer,
        *,
        context: int,
        max_queue: int = 64,
        on_step: Callable[[], None] = lambda: None,
    ) -> None:
        """context: tokens of prompt and text together. on_step: called after each step's progress is told."""
        self.tokenizer, self.context, self.max_queue = tokenizer, context, max_queue
        self.counts = EngineCounts()
        self._stepper, self._on_step = stepper, on_step
        self._slots = SlotTable(stepper.n_slots, stepper.grain)
        self._waiting: deque[Ticket] = deque()
        self._running: list[Ticket] = []
        self._changed = threading.Condition()
        self._closing = False
        self._count()
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._thread.start()

    def submit(self, requests: Sequence[Request], on_progress: Callable[[int, Progress], None]) -> list[Ticket]:
        """Queue requests that belong together (samples of one prompt); `on_progress` gets each one's number, too.

        Raises UserError for a request that cannot work, QueueFullError if not all of them can be taken.
        """
        for request in requests:
            self._check(request)
        group = object()
        tickets = [
            new_ticket(request, self.tokenizer, _numbered(on_progress, number), group)
            for number, request in enumerate(requests)
        ]
        with self._changed:
            if self._closing:
                raise QueueFullError("the engine is shutting down")
            if len(self._waiting) + len(tickets) > self.max_queue + self._slots.n_free:
                raise QueueFullError(f"{len(self._waiting)} requests are waiting already")
            self._waiting.extend(tickets)
            self._count()
            self._changed.notify()
        return tickets

    def close(self, timeout_s: float = 10.0) -> None:
        """Cancel what is there and end the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(timeout_s)
        if not self._thread.is_alive():
            self._stepper.close()

    def _check(self, request: Request) -> None:
        check_generation(request.settings)
        if not request.ids:
            raise UserError("The prompt has no tokens. Give at least one.")
        if len(request.ids) > self.context:
            raise UserError(f"The prompt has {len(request.ids)} tokens; the context is {self.context}. Shorten it.")
        if wrong := [id for id in request.ids if not 0 <= id < self.tokenizer.vocab_size]:
            raise UserError(f"Token {wrong[0]} does not exist; ids go from 0 to {self.tokenizer.vocab_size - 1}.")

    # ---- the engine's thread ----------------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            with self._changed:
                while not (self._closing or self._waiting or self._running):
                    self._changed.wait()
                if self._closing:
                    break
            self._turn()
        for ticket in [*self._running, *self._waiting]:
            self._finish(ticket, CANCELLED)
        self._waiting.clear()
        self._on_step()

    def _turn(self) -> None:
        """One step, with everything around it."""
        try:
            self._drop_ended()
            self._admit()
            if pieces := self._pieces():
                self._read(pieces)
        except Exception:  # whatever it is (memory, say): these requests fail, the next ones may not
            log.exception("a step failed; its requests are given up")
            for ticket in list(self._running):
                self._finish(ticket, FAILED, error="The engine failed; see its log.")
        with self._changed:
            self._count()
        self._on_step()

    def _drop_ended(self) -> None:
        """Let go of what was cancelled or has run out of time."""
        now = time.monotonic()
        with self._changed:
            waiting = [ticket for ticket in self._waiting if ticket.cancelled or ticket.deadline < now]
            if waiting:
                self._waiting = deque(ticket for ticket in self._waiting if ticket not in waiting)
        running = [ticket for ticket in self._running if ticket.cancelled or ticket.deadline < now]
        for ticket in [*waiting, *running]:
            self._finish(ticket, CANCELLED if ticket.cancelled else TIMEOUT)

    def _admit(self) -> None:
        """Give free slots to those who wait longest; a further sample of a prompt waits until it can be copied."""
        with self._changed:
            self._admit_waiting()
            self._count()

    def _admit_waiting(self) -> None:
        reading = {ticket.group for ticket in self._running if ticket.reading}
        for ticket in list(self._waiting):
            if ticket.group in reading:
                continue
            taken = self._slots.take(ticket.request.ids)
            if taken is None:
                return
            self._waiting.remove(ticket)
            if taken.copy_from is not None:
                self._stepper.copy_prefix(taken.copy_from, taken.slot.number, taken.reused)
            ticket.slot, ticket.n_reused = taken.slot, taken.reused
            self.counts.reused_tokens += taken.reused
            self._running.append(ticket)
            reading.add(ticket.group)

    def _pieces(self) -> list[Piece]:
        """What the next step reads: everybody's next token first, then prompts in the order of arrival."""
        pieces = [self._piece(ticket, [ticket.next_id]) for ticket in self._running if ticket.next_id is not None]
        room = PROMPT_TOKENS_BESIDE_WRITING if pieces else self._stepper.max_tokens - len(self._running)
        grain = self._stepper.grain
        room = max(room, grain)
        for ticket in self._running:
            if not ticket.reading:
                continue
            assert ticket.slot is not None
            ids, place = ticket.request.ids, len(ticket.slot.ids)
            n = min(len(ids) - place, room)
            if place + n < len(ids):
                n -= (place + n) % grain
            if n <= 0:
                break
            room -= n
            pieces.append(self._piece(ticket, ids[place : place + n]))
        return pieces

    @staticmethod
    def _piece(ticket: Ticket, ids: Sequence[int]) -> Piece:
        assert ticket.slot is not None
        place = len(ticket.slot.ids)
        return Piece(ticket, ids, place, place + len(ids) >= len(ticket.request.ids))

    def _read(self, pieces: list[Piece]) -> None:
        """Run the step and take what it says."""
        ids: list[int] = []
        slots: list[int] = []
        places: list[int] = []
        wanted: list[int] = []
        for piece in pieces:
            assert piece.ticket.slot is not None
            ids += piece.ids
            slots += [piece.ticket.slot.number] * len(piece.ids)
            places += range(piece.place, piece.place + len(piece.ids))
            if piece.last:
                wanted.append(len(ids) - 1)
        logits = self._stepper.step(ids, slots, places, wanted)
        self.counts.steps += 1
        for piece in pieces:
            self._keep_books(piece)
        self._choose([piece.ticket for piece in pieces if piece.last], logits[:, : self.tokenizer.vocab_size])

    def _keep_books(self, piece: Piece) -> None:
        slot, grain = piece.ticket.slot, self._stepper.grain
        assert slot is not None
        slot.ids += piece.ids
        if piece.ticket.reading:
            self.counts.prompt_tokens += len(piece.ids)
            slot.aligned = len(slot.ids) - len(slot.ids) % grain

    def _choose(self, tickets: list[Ticket], logits: Tensor) -> None:
        """Draw the next token of every sequence; those with the same settings together."""
        sound = logits.isfinite().all(dim=-1).tolist()
        groups: dict[tuple[float, int | None, float | None], list[int]] = {}
        for row, ticket in enumerate(tickets):
            if not sound[row]:
                self._finish(ticket, FAILED, error="The model's numbers overflow: its weights are damaged.")
                continue
            settings = ticket.request.settings
            groups.setdefault((settings.temperature, settings.top_k, settings.top_p), []).append(row)
        for (temperature, top_k, top_p), rows in groups.items():
            chosen = logits if len(rows) == len(tickets) else logits[rows]
            generators = [tickets[row].generator for row in rows]
            tokens = next_tokens(chosen, generators, temperature=temperature, top_k=top_k, top_p=top_p)
            for row, token in zip(rows, tokens, strict=True):
                self._take(tickets[row], token, logits[row])

    def _take(self, ticket: Ticket, token: int, logits: Tensor) -> None:
        """A sequence has its next token: tell what is certain, end it if it is over."""
        request, slot = ticket.request, ticket.slot
        assert slot is not None
        ticket.n_tokens += 1
        self.counts.generated_tokens += 1
        tokens = () if request.n_considered is None else (choice(logits, token, request.n_considered),)
        text = ticket.writing.push(token)
        ticket.next_id = token
        full = len(slot.ids) >= self.context
        if ticket.writing.ended_by or ticket.n_tokens >= request.settings.max_new_tokens or full:
            self._finish(ticket, "", text=text, tokens=tokens)
        else:
            ticket.on_progress(Progress(text, tokens, ticket.n_tokens, ticket.n_reused))

    def _finish(
        self, ticket: Ticket, ended_by: str, *, text: str = "", tokens: Sequence[TokenChoice] = (), error: str = ""
    ) -> None:
        """The last word to a request; its slot is free."""
        if ticket in self._running:
            self._running.remove(ticket)
        if ticket.slot is not None:
            if error:
                ticket.slot.ids = []  # what it holds may be no numbers
            self._slots.release(ticket.slot)
            ticket.slot = None
        text += ticket.writing.end()
        whole = ticket.writing.completion()
        completion = Completion(whole.text, whole.n_tokens, ended_by or whole.ended_by)
        ticket.on_progress(Progress(text, tuple(tokens), ticket.n_tokens, ticket.n_reused, completion, error))

    def _count(self) -> None:
        self.counts.running, self.counts.waiting = len(self._running), len(self._waiting)
        self.counts.free_slots = self._slots.n_free


def _numbered(on_progress: Callable[[int, Progress], None], number: int) -> Callable[[Progress], None]:
    return lambda progress: on_progress(number, progress)
