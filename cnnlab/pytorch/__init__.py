"""Models of PyTorch: made from one of ours, and made into one; and what PyTorch answers."""

from cnnlab.pytorch.answers import AnswerError, Answers

__all__ = ["AnswerError", "Answers"]
