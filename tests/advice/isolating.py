"""Wrong limits of a submission, and what an assignment cannot allow."""

from cnnlab.grading.limits import Limits
from cnnlab.grading.package import write_allowed

CASES = {
    "Limits": (
        lambda: Limits(memory=0),
        f"pass a number above 0, as memory={Limits.memory}",
        lambda: Limits(memory=Limits.memory).memory,
        lambda: Limits().memory,
    ),
    "allowed": (
        lambda: write_allowed(("dta",)),
        'allow modules by their names, as allowed=("data", "plots")',
        lambda: (write_allowed(("data", "plots")) / "cnnlab" / "plots").is_dir(),
        lambda: True,
    ),
}
