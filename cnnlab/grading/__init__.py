"""Grades a folder of submissions, each asked in a process of its own."""
