"""Parts of kernels are translated by Numba, but optimized only as parts of what calls them.

Numba makes machine code of every function, optimizes it, and does both again wherever another one
calls it (it links the code of what is called into the caller). A part of a kernel is called by
compiled code alone, so its own machine code would never run: making it took a third of the time of
a first call.
"""

from numba import types
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.registry import CPUDispatcher
from numba.core.typed_passes import NativeLowering


class PartOfKernel(CPUDispatcher):
    """A compiled function that has no way in from Python."""

    def __call__(self, *arguments, **options):
        """Refuse: without a way in, the process would end."""
        raise TypeError(
            f"{self.py_func.__name__}: a part of a kernel cannot be called from Python; call the "
            f"function of cnnlab.fast that uses it, or cnnlab.fast.threads.share(kernel, items, "
            f"0, ...)."
        )

    def get_call_template(self, arguments, named):
        """Find the version for these types: one for all integers, whether or not one is known."""
        arguments = tuple(map(types.unliteral, arguments))
        return super().get_call_template(arguments, named)

    def add_overload(self, result):
        """Keep a version for compiled callers; Python's way in is not told of it."""
        self.overloads[tuple(result.signature.args)] = result


class PartCompiler(CompilerBase):
    """Numba's compiler, which ends with the code that callers link."""

    def define_pipelines(self):
        """Return Numba's passes with `LowerPart` in the place of `NativeLowering`."""
        manager = DefaultPassBuilder.define_nopython_pipeline(self.state)
        manager.passes = [
            (LowerPart if step is NativeLowering else step, text) for step, text in manager.passes
        ]
        return [manager]


@register_pass(mutates_CFG=True, analysis_only=False)
class LowerPart(NativeLowering):
    """Translate a part of a kernel into the language of LLVM, and no further."""

    _name = "lower_part"

    def run_pass(self, state):
        """Lower; an object that is nothing else stands for the function that Python would call."""
        state.library = PartLibrary(state.targetctx.codegen(), state.func_id.func_qualname)
        state.flags.no_compile = True
        super().run_pass(state)
        lowered = state["cr"]._replace(cfunc=object())
        state["cr"] = lowered
        state.targetctx.insert_user_function(lowered.cfunc, lowered.fndesc, [state.library])
        return True


class PartLibrary(JITCodeLibrary):
    """The code of a part as it is, to be linked into that of its callers."""

    def _optimize_final_module(self):
        """Leave that to the callers, who do it after they have linked their parts."""

    def _finalize_final_module(self):
        self._finalize_dynamic_globals()
        self._finalized = True
