"""Training: the four lines, repeated over batches and epochs, and a record of how it went."""

from cnnlab.training.augmentation import Augmentation
from cnnlab.training.calibration import Calibration, calibration
from cnnlab.training.checkpoints import CheckpointError
from cnnlab.training.evaluation import (
    ClassReport,
    Evaluation,
    class_report,
    confusion_matrix,
    evaluate,
)
from cnnlab.training.finite import NotFiniteError
from cnnlab.training.fitting import fit
from cnnlab.training.history import Epoch, History
from cnnlab.training.stopping import EarlyStopping

__all__ = [
    "Augmentation",
    "Calibration",
    "CheckpointError",
    "ClassReport",
    "EarlyStopping",
    "Epoch",
    "Evaluation",
    "History",
    "NotFiniteError",
    "calibration",
    "class_report",
    "confusion_matrix",
    "evaluate",
    "fit",
]
