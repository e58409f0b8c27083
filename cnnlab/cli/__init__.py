"""The command ``cnnlab``."""

from cnnlab.cli.command import main

__all__ = ["main"]
