"""Advice of messages, followed: tables of wrong calls, by what they are about."""
