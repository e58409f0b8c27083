"""Models of PyTorch: made from one of ours, and made into one."""
