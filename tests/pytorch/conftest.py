"""What holds for all tests with PyTorch."""

import pytest


@pytest.fixture(autouse=True)
def one_thread():
    """More threads of PyTorch would wait for each other, on so little work."""
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
