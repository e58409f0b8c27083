"""A3: every mistake of the catalogue loses exactly the items that it should."""

from support.assignments import from_catalogue, lost, questions, solutions
from support.failures import each

from cnnlab import mutants

QUESTIONS = questions("A3")
ALL = {name: [item.name for item in question.items] for name, question in QUESTIONS.items()}
NOT_ASKED = {
    "dw2d": {
        *("dw-last-sample-only", "dw-mean-over-batch", "dw-first-depth-for-all"),
        *("dw-depth-moves-with-pattern", "dw-flattened-otherwise"),
    },
    "dw3d": {
        *("dw-last-sample-only", "dw-mean-over-batch"),
        *("dw-depth-moves-with-pattern", "dw-flattened-otherwise"),
    },
    "conv2d_dw": {"dw-groups-ignored"},
    "dense_dw": set(),
}
OPTIONS = {
    "dw-stride-ignored": ["stride", "together"],
    "dw-stride-for-dilation": ["stride", "together"],
    "dw-padding-not-subtracted": ["padding", "together"],
    "dw-border-repeated": ["padding", "together"],
    "dw-groups-ignored": [],
}


@each(name=list(QUESTIONS))
def test_a_mistake_loses_the_items_that_it_should(name):
    question, tried = QUESTIONS[name], 0
    for mutant in mutants.catalogue():
        if mutant.operation == question.operation:
            wanted = [] if mutant.name in NOT_ASKED[name] else ALL[name]
            if mutant.name in OPTIONS:  # one image is searched without any
                wanted = OPTIONS[mutant.name] if name == "conv2d_dw" else []
            wrong = from_catalogue(question, mutant.name)
            assert lost(question, wrong, seed=None) == wanted, mutant.name
            tried += 1
    assert tried > 1


def test_a_mean_over_the_batch_is_found():
    right = solutions("A3")["dense_dw"]
    assert (
        lost(QUESTIONS["dense_dw"], lambda dZ, X: right(dZ, X) / max(1, len(X))) == ALL["dense_dw"]
    )


def test_rows_that_a_stride_leaves_over_are_asked():
    """Whoever takes the size of the pattern from the sizes of the arrays is wrong there."""
    right = solutions("A3")["conv2d_dw"]

    def conv2d_dw(dZ, X, w_shape, stride=1, padding=0):
        dw = right(dZ, X, w_shape, stride, padding)
        if stride != 1 and (X.shape[2] - dw.shape[2]) % 2:
            dw[:, :, -1] = 0
        return dw

    assert "stride" in lost(QUESTIONS["conv2d_dw"], conv2d_dw)
