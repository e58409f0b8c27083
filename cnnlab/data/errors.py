"""What is raised when data cannot be read."""

__all__ = ["DataError", "MissingDataError"]


class DataError(ValueError):
    """A file does not hold what it should; the message says what it holds, and what to do."""


class MissingDataError(DataError, FileNotFoundError):
    """There is no such file."""
