"""What builds, runs and checks the book; no part of the package."""
