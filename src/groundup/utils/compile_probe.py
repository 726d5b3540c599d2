"""Run as a program: does torch.compile work on a device? Alone in its process, since compilers crash and hang.

python -m groundup.utils.compile_probe cuda:0
"""

import sys

import torch


def main(device: str) -> None:
    """Compile a function, run it forward and backward, and compare with the plain one. Raises whatever goes wrong."""

    def function(x: torch.Tensor) -> torch.Tensor:
        return (x * torch.sigmoid(x)).sum()

    results = []
    for run in (function, torch.compile(function)):
        x = torch.linspace(-2, 2, 64, device=device, requires_grad=True)
        run(x).backward()
        results.append(x.grad)
    torch.testing.assert_close(results[1], results[0])


if __name__ == "__main__":
    main(sys.argv[1])
