"""python -m groundup, for torchrun and for machines where scripts are not on the path."""

from groundup.cli.main import main

if __name__ == "__main__":
    main()
