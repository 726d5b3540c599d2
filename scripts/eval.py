"""groundup eval, under the name that the documentation gives it."""

import sys

from groundup.cli.main import main

if __name__ == "__main__":
    main(["eval", *sys.argv[1:]])
