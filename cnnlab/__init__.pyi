# The submodules, for type checkers and editors; `__init__.py` has the same list.

from . import algorithms as algorithms
from . import cli as cli
from . import data as data
from . import fast as fast
from . import features as features
from . import files as files
from . import gradcheck as gradcheck
from . import grading as grading
from . import initializers as initializers
from . import inspection as inspection
from . import layers as layers
from . import machine as machine
from . import model as model
from . import mutants as mutants
from . import operations as operations
from . import optimizers as optimizers
from . import page as page
from . import plots as plots
from . import presets as presets
from . import pytorch as pytorch
from . import reference as reference
from . import results as results
from . import runs as runs
from . import schedules as schedules
from . import shapes as shapes
from . import source as source
from . import training as training
from . import tutor as tutor
from . import typing as typing
from . import weights as weights

__version__: str
from .page import explorer as explorer
