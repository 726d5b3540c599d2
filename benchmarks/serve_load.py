"""The server under load, over HTTP on this machine: total tokens a second, time to first token, and clients that come and go.

    python benchmarks/serve_load.py load               16 clients against one, taking turns; model of 10M parameters
    python benchmarks/serve_load.py churn --minutes 10 500 clients that come and go at random; memory, slots, errors

The server is a process of its own. The clients share one other process, on the same cores. Random models: what is
written has no sense, but every token costs what it costs.
"""

import argparse
import asyncio
import json
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import torch
from generation_speed import make_model

HEAD = "POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nConnection: close\r\n"


class Server:
    """`groundup serve` on a free port."""

    def __init__(self, folder: Path, *flags: str) -> None:
        command = [sys.executable, "-m", "groundup", "serve", str(folder), "--port", "0", "--name", "model", *flags]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert self.process.stderr is not None
        for line in self.process.stderr:
            print(f"  server: {line.rstrip()}", flush=True)
            if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
                self.port = int(found[1])
                return
        raise SystemExit("the server did not start")

    def memory_bytes(self) -> int:
        """Resident memory now (Linux)."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def processor_seconds(self) -> float:
        """Processor time that the server has taken (Linux)."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        """As Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)


async def metrics(port: int) -> dict[str, float]:
    """The engine's numbers."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    text = (await reader.read()).decode()
    writer.close()
    return {name: float(value) for name, value in re.findall(r"^groundup_(\w+) ([\d.]+)$", text, re.M)}


async def ask(port: int, *, leave_after: float | None = None, **body: object) -> tuple[int, int, float, float]:
    """Stream one completion: status, events with text, seconds to the first of them, seconds altogether."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    data = json.dumps({"model": "model", "stream": True, **body}).encode()
    begun = time.perf_counter()
    writer.write(f"{HEAD}Content-Length: {len(data)}\r\n\r\n".encode() + data)
    status, events, first = 0, 0, 0.0
    try:
        while piece := await reader.read(1 << 16):
            status = status or int(piece.split(b" ", 2)[1])
            if n := piece.count(b'"finish_reason":'):
                first = first or time.perf_counter() - begun
                events += n
            if leave_after is not None and time.perf_counter() - begun > leave_after:
                break
    finally:
        writer.close()
    return status, events, first, time.perf_counter() - begun


def prompt(chance: random.Random, n_tokens: int) -> list[int]:
    """Token ids that nobody sent before."""
    return [chance.randrange(5, 260) for _ in range(n_tokens)]


async def clients(port: int, n: int, seconds: float, chance: random.Random) -> tuple[float, list[float]]:
    """Tokens a second that n clients get together, each asking again as soon as it is answered; times to first token."""
    firsts: list[float] = []
    end = time.perf_counter() + seconds

    async def one() -> None:
        while time.perf_counter() < end:
            status, _, first, _ = await ask(port, prompt=prompt(chance, 64), max_tokens=128, temperature=0.8, seed=1)
            assert status == 200, status
            firsts.append(first)

    before, begun = (await metrics(port))["generated_tokens_total"], time.perf_counter()
    await asyncio.gather(*(one() for _ in range(n)))
    took = time.perf_counter() - begun
    return ((await metrics(port))["generated_tokens_total"] - before) / took, firsts


async def load(folder: Path, seconds: float, rounds: int, dtype: str, *flags: str) -> None:
    """One client and sixteen, by turns."""
    server, chance = Server(folder, "--dtype", dtype, *flags), random.Random(1)
    try:
        await clients(server.port, 4, 2, chance)
        rates: dict[int, list[float]] = {1: [], 16: []}
        firsts: dict[int, list[float]] = {1: [], 16: []}
        costs: dict[int, list[float]] = {1: [], 16: []}  # tokens per processor second of the server
        for _ in range(rounds):
            for n in (1, 16):
                before, begun = server.processor_seconds(), time.perf_counter()
                rate, times = await clients(server.port, n, seconds, chance)
                took = time.perf_counter() - begun
                costs[n].append(rate * took / (server.processor_seconds() - before))
                rates[n].append(rate)
                firsts[n] += times
        one, sixteen = statistics.median(rates[1]), statistics.median(rates[16])
        for n in (1, 16):
            ordered = sorted(firsts[n])
            print(
                f"{n} clients: {statistics.median(rates[n]):,.0f} tokens/s ({min(rates[n]):,.0f}-{max(rates[n]):,.0f}); "
                f"first token after {1000 * statistics.median(ordered):.0f} ms, "
                f"95 % within {1000 * ordered[int(0.95 * (len(ordered) - 1))]:.0f} ms ({len(ordered)} requests); "
                f"{statistics.median(costs[n]):,.0f} tokens per processor second of the server"
            )
        print(f"16 clients get {sixteen / one:.1f} times what one gets ({dtype})", flush=True)
    finally:
        server.stop()


async def churn(folder: Path, minutes: float, n_clients: int) -> None:
    """Clients with requests of all kinds at random times; some go away in the middle, some never read."""
    server, chance = Server(folder, "--queue", "8"), random.Random(2)
    statuses: Counter[str] = Counter()
    begun, span = time.perf_counter(), 60 * minutes
    memory: list[tuple[float, float]] = []

    async def client(number: int) -> None:
        await asyncio.sleep(chance.random() * span * 0.98)
        for _ in range(chance.randint(1, 6)):
            kind = chance.random()
            leave = chance.random() if kind < 0.25 else None
            body = {
                "prompt": prompt(chance, chance.randint(1, 600)),
                "max_tokens": chance.randint(1, 300),
                "temperature": chance.choice([0, 0.7, 1.2]),
                "n": chance.choice([1, 1, 1, 2, 4]),
                **({"logprobs": 5} if kind > 0.8 else {}),
                **({"top_p": 0.9} if kind > 0.5 else {}),
            }
            try:
                status, *_ = await asyncio.wait_for(ask(server.port, leave_after=leave, **body), 300)
                statuses["left" if leave is not None else str(status)] += 1
            except (OSError, TimeoutError, asyncio.TimeoutError) as error:
                statuses[type(error).__name__] += 1
            await asyncio.sleep(chance.random() * 3)

    async def watch() -> None:
        while True:
            memory.append((time.perf_counter() - begun, server.memory_bytes() / 2**20))
            await asyncio.sleep(span / 40)

    watching = asyncio.create_task(watch())
    try:
        await asyncio.gather(*(client(number) for number in range(n_clients)))
        watching.cancel()
        await asyncio.sleep(2)
        numbers = await metrics(server.port)
        took = time.perf_counter() - begun
        print(f"{n_clients} clients in {took / 60:.1f} minutes; answers: {dict(statuses)}")
        print(f"afterwards: {numbers['running']:.0f} running, {numbers['waiting']:.0f} waiting, {numbers['open_requests']:.0f} "
              f"open, {numbers['free_slots']:.0f} free slots; {numbers['generated_tokens_total']:,.0f} tokens generated, "
              f"{numbers['reused_tokens_total']:,.0f} of {numbers['prompt_tokens_total']:,.0f} prompt tokens reused")  # fmt: skip
        quarter = max(1, len(memory) // 4)
        quarters = [statistics.mean(size for _, size in memory[i * quarter : (i + 1) * quarter]) for i in range(4)]
        print(
            f"memory by quarter, MiB: {', '.join(f'{size:.0f}' for size in quarters)}; now {server.memory_bytes() / 2**20:.0f}"
        )
        bad = set(statuses) - {"200", "429", "left"}
        ended = numbers["running"] == numbers["waiting"] == numbers["open_requests"] == 0
        print("no error, no leak" if ended and not bad else f"FAILED: {bad or 'leaked'}", flush=True)
    finally:
        watching.cancel()
        server.stop()


def main() -> None:
    """load or churn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["load", "churn"])
    parser.add_argument("--seconds", type=float, default=15, help="of each turn")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--flags", nargs="*", default=[], help="further words for groundup serve, such as threads=1")
    options = parser.parse_args()
    options.flags = [f"--{word}" for word in options.flags]
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as temporary:
        make_model("10M", Path(temporary))
        if options.what == "load":
            asyncio.run(load(Path(temporary), options.seconds, options.rounds, options.dtype, *options.flags))
        else:
            asyncio.run(churn(Path(temporary), options.minutes, options.clients))


if __name__ == "__main__":
    main()
