"""Train a network of the course, evaluate it, let it read pictures of digits."""

from __future__ import annotations

import math
import sys
import time
import warnings
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cnnlab.cli.words import (
    INTERRUPTED,
    TOLD,
    Examples,
    Finite,
    count,
    fail,
    json_option,
    say,
    say_json,
)

if TYPE_CHECKING:
    from cnnlab.model import Sequential
    from cnnlab.runs import Settings

DATA = ("mnist-subset", "mnist", "fashion-mnist")
MODELS = ("dense", "post", "lenet", "modern")
RATES = {"adam": 0.002, "adamw": 0.002, "sgd": 0.05}
AUGMENTED = ("lenet", "modern")  # the others become worse by it
SHIFT, ROTATION = 2, 10  # pixels and degrees, by which images are moved and turned at most
MOMENTUM = 0.9


# --- train ----------------------------------------------------------------------------------------


@click.command(
    cls=Examples,
    short_help="Train a network.",
    epilog="""
    cnnlab train --out first
    cnnlab train --data mnist --model modern --epochs 10 --seed 1 --out runs/modern
    cnnlab train --model post --optimizer sgd --learning-rate 0.1 --no-augment --out post
    cnnlab train --validation 0.1 --early-stopping 3 --epochs 50 --out early
    cnnlab train --resume --out first
    """,
)
@click.option(
    "--data",
    type=click.Choice(DATA),
    default="mnist-subset",
    show_default=True,
    help="What to learn from: 4,000 digits that need no network; 60,000 digits; clothes.",
)
@click.option(
    "--model",
    type=click.Choice(MODELS),
    default="lenet",
    show_default=True,
    help="The network, see cnnlab.presets.",
)
@click.option(
    "--epochs",
    type=count,
    default=20,
    show_default=True,
    help="How often every image is visited; with --resume more than before go on.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Decides the starting weights, the order, the augmentation.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="RUN",
    help="The folder of the training, which is made.",
)
@click.option("--resume", is_flag=True, help="Go on with the training in RUN, as it was begun.")
@click.option("--batch-size", type=count, default=32, show_default=True, help="Images in a step.")
@click.option(
    "--optimizer",
    type=click.Choice(tuple(RATES)),
    default="adam",
    show_default=True,
    help=f"sgd has a momentum of {MOMENTUM}.",
)
@click.option(
    "--learning-rate",
    type=Finite(min=0, min_open=True),
    help="In the first epoch.  [default: "
    + ", ".join(f"{rate} for {name}" for name, rate in RATES.items())
    + "]",
)
@click.option(
    "--decay",
    type=Finite(0, 1, min_open=True),
    default=0.9,
    show_default=True,
    help="The learning rate becomes so many times as large after each epoch.",
)
@click.option(
    "--augment/--no-augment",
    default=None,
    help=f"Move and turn images by chance, by {SHIFT} pixels and {ROTATION} degrees at most.  "
    f"[default: for {' and '.join(AUGMENTED)}]",
)
@click.option(
    "--validation",
    type=Finite(0, 1, min_open=True, max_open=True),
    metavar="FRACTION",
    help="Part of the images kept back to validate with.",
)
@click.option(
    "--early-stopping",
    type=count,
    metavar="EPOCHS",
    help="End after so many epochs without a smaller loss in validation; keep the best weights.",
)
@click.option(
    "--samples",
    type=count,
    metavar="N",
    help="Take the first N images alone, to try something out.",
)
@click.pass_context  # fmt: skip
def train(context: click.Context, out: Path, resume: bool, **options: Any) -> None:
    """Train a network, and keep all of it in the folder RUN.

    RUN/model.safetensors is the model to use, RUN/history.csv has a row for each epoch, and from
    RUN/checkpoint.safetensors the training goes on after Ctrl-C, or after anything that ended it:
    to the same weights, to the bit, as without. The accuracy on the test images comes last.
    """
    from cnnlab import runs

    given = {
        name: value
        for name, value in options.items()
        if context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
    }
    settings = _settings(out, resume, options, given)
    if settings.early_stopping and settings.validation is None:
        raise click.UsageError("--early-stopping needs --validation, for example --validation 0.1.")
    train_set, test_set = (
        _images(settings.data, part, settings.samples) for part in ("train", "test")
    )
    again = f"go on with `cnnlab train --resume --out {runs.quoted(out)}`"
    try:
        with runs.begun(out, settings):
            model, history = _fit(out, settings, *train_set)
    except KeyboardInterrupt:
        fail(f"cnnlab train: interrupted; {again}.", INTERRUPTED)
    if history.interrupted:
        steps = len(history.step_losses)
        fail(f"cnnlab train: interrupted after step {steps}; {again}.", INTERRUPTED)
    if history.stopped:
        say(f"stopped early; the best epoch was {history.best_epoch}")
    say(f"the model is in {out / runs.MODEL}")
    say(f"accuracy on {len(test_set[1]):,} test images: {_accuracy(model, *test_set):.4f}")


def _settings(out: Path, resume: bool, options: dict[str, Any], given: dict[str, Any]) -> Settings:
    """Return how to train: as the options say, or as a training that goes on was begun."""
    from cnnlab import runs

    goes_on = runs.goes_on(out, resume)
    if resume and not (out / runs.CHECKPOINT).exists():
        say(f"there is no training in {out} yet: it begins")
    if goes_on:
        return runs.gone_on(runs.settings_of(out), given, out)
    rate, augment = options["learning_rate"], options["augment"]
    options["learning_rate"] = RATES[options["optimizer"]] if rate is None else rate
    options["augment"] = options["model"] in AUGMENTED if augment is None else augment
    return runs.Settings(**options)


def _images(name: str, part: str, samples: int | None) -> tuple[Any, Any]:
    """Return images and labels of a part of a set: the first of them, or all."""
    from cnnlab import data

    if name == "mnist-subset":
        digits = data.mnist_subset(dtype="float32")
        X, labels = getattr(digits, f"X_{part}"), getattr(digits, f"labels_{part}")
    else:
        load: Any = data.mnist if name == "mnist" else data.fashion_mnist
        X, labels = load(part, dtype="float32")
    return X[:samples], labels[:samples]


def _fit(out: Path, settings: Settings, X: Any, labels: Any) -> tuple[Sequential, Any]:
    """Train, or go on; keep the model and the history after each epoch."""
    from cnnlab import optimizers, presets, runs, schedules, training

    rate = settings.learning_rate
    kinds: dict[str, Any] = {
        "adam": optimizers.Adam,
        "adamw": optimizers.AdamW,
        "sgd": partial(optimizers.SGD, momentum=MOMENTUM),
    }
    optimizer = kinds[settings.optimizer](rate)
    model = presets.preset(settings.model, seed=settings.seed)
    on_terminal = sys.stderr.isatty()

    def keep(epoch: Any) -> None:
        best = epoch.history.best_epoch
        if best is None or best == epoch.number:
            model.save(out / runs.MODEL)
        epoch.history.to_csv(out / runs.HISTORY)
        if not on_terminal or not sys.stdout.isatty():
            say(_in_words(epoch, settings.epochs))

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "fit: was interrupted")  # is told at the end
        history = training.fit(
            model,
            X,
            labels,
            optimizer=optimizer,
            schedule=schedules.StepDecay(rate, every=1, factor=settings.decay),
            epochs=settings.epochs,
            batch_size=settings.batch_size,
            augment=(
                training.Augmentation(shift=SHIFT, rotation=ROTATION) if settings.augment else None
            ),
            validation=settings.validation,
            early_stopping=settings.early_stopping,
            on_epoch=keep,
            checkpoint=out,
            resume=True,
            seed=settings.seed,
            progress=on_terminal,
        )
    if history.best_epoch is None or not history.interrupted:
        model.save(out / runs.MODEL)
    history.to_csv(out / runs.HISTORY)
    return model, history


def _in_words(epoch: Any, epochs: int) -> str:
    """Return the line of an epoch."""
    line = f"epoch {epoch.number}/{epochs}: loss {epoch.loss:.4f}, accuracy {epoch.accuracy:.4f}"
    if epoch.validation is not None:
        loss, accuracy = epoch.validation
        line += f", validation loss {loss:.4f}, accuracy {accuracy:.4f}"
    return f"{line}, {epoch.seconds:.1f} s"


def _accuracy(model: Sequential, X: Any, labels: Any) -> float:
    """Return which part of the images is read as what they are."""
    return float((model.predict(X) == labels).mean())


# --- evaluate -------------------------------------------------------------------------------------


@click.command(
    cls=Examples,
    short_help="Let a network read test images.",
    epilog="""
    cnnlab evaluate first
    cnnlab evaluate first --data mnist
    CNNLAB_DATA=folder cnnlab evaluate first --data mnist --json > result.json
    """,
)
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--data",
    type=click.Choice(DATA),
    help="Whose test images to read.  [default: what RUN was trained with]",
)
@click.option("--samples", type=count, metavar="N", help="Take the first N images alone.")
@json_option  # fmt: skip
def evaluate(run: Path, data: str | None, samples: int | None, as_json: bool) -> None:
    """Let the network of RUN read test images, none of which it learned from.

    RUN is the folder of a training, or a file of model.save. Precision, recall and F1 of each class
    are shown, then the loss, and the accuracy last.
    """
    from cnnlab import runs, training

    model = runs.model_in(run)
    name = data or runs.data_of(run)
    X, labels = _images(name, "test", samples)
    begin = time.perf_counter()
    result = training.evaluate(model, X, labels)
    report = training.class_report(labels, model.predict(X), classes=model.output_shape[0])
    seconds = time.perf_counter() - begin
    if not as_json:
        say(f"{len(labels):,} test images of {name}, {seconds:.1f} s")
        say(str(report))
        say(f"loss {result.loss:.4f}")
        say(f"accuracy {result.accuracy:.4f}")
        return
    columns = zip(*report[:5], strict=True)
    classes = [
        {"class": c, **dict(zip(report._fields[:5], map(_plain, row), strict=True))}
        for c, row in enumerate(columns)
    ]
    say_json(
        {
            "run": str(run),
            "data": name,
            "samples": len(labels),
            "seconds": seconds,
            "classes": classes,
            "loss": result.loss,
            "accuracy": result.accuracy,
        }
    )


def _plain(number: Any) -> float | int | None:
    """Return a number as JSON has it, which knows no NaN."""
    value: float | int = number.item()
    return None if math.isnan(value) else value


# --- predict --------------------------------------------------------------------------------------


@click.command(
    cls=Examples,
    short_help="Let a network read pictures of digits.",
    epilog="""
    cnnlab predict first seven.png
    cnnlab predict first *.png photos/*.jpg --json
    cnnlab predict first seven.png --features maps.png
    """,
)
@click.argument("run", type=click.Path(path_type=Path))
@click.argument(
    "pictures", metavar="IMAGE...", type=click.Path(path_type=Path), nargs=-1, required=True
)
@click.option(
    "--features",
    type=click.Path(path_type=Path),
    metavar="FILE.png",
    help="Save the picture as the network sees it and its feature maps. For one IMAGE.",
)
@json_option  # fmt: skip
def predict(run: Path, pictures: tuple[Path, ...], features: Path | None, as_json: bool) -> None:
    """Read pictures of one digit each, PNG or JPEG: drawn, scanned or photographed.

    They may have any size and color. What was done to make them like the digits of MNIST stands
    below each answer. RUN is the folder of a training, or a file of model.save.
    """
    from cnnlab import data, runs
    from cnnlab.features import save_features

    if features is not None and len(pictures) > 1:
        raise click.UsageError("--features takes one IMAGE.")
    if features is not None and features.suffix.lower() != ".png":
        raise click.UsageError(f"--features {features}: pass a name that ends in .png.")
    model = runs.reader_in(run)
    answers = []
    for path in pictures:
        try:
            prepared = data.digit(path, dtype="float32")
        except data.DataError as error:
            with suppress(BrokenPipeError):
                click.echo(f"cnnlab predict: {' '.join(str(error).split())}", err=True)
            answers.append({"image": str(path), "error": str(error)})
            continue
        answers.append(_answer(model, path, prepared))
        if features is not None:
            save_features(model, prepared.X, features)
        if not as_json:
            _say_answer(answers[-1], str(prepared))
    if as_json:
        say_json(answers)
    if any("error" in answer for answer in answers):
        sys.exit(TOLD)


def _answer(model: Sequential, path: Path, prepared: Any) -> dict[str, Any]:
    """Return what a network says of a picture, and how the picture was prepared."""
    from cnnlab.fast import softmax

    probabilities = [float(p) for p in softmax(model(prepared.X).astype("float64"))]
    best = max(range(len(probabilities)), key=probabilities.__getitem__)
    how = {name: getattr(prepared, name) for name in ("inverted", "box", "scale", "shift", "line")}
    return {
        "image": str(path),
        "class": best,
        "probability": probabilities[best],
        "probabilities": probabilities,
        "prepared": how,
    }


def _say_answer(answer: dict[str, Any], how: str) -> None:
    """Write a class, its probability, those of the others, and how the picture was prepared."""
    say(f"{answer['image']}: {answer['class']} ({answer['probability']:.1%})")
    say("    " + "  ".join(f"{c}: {p:.1%}" for c, p in enumerate(answer["probabilities"])))
    say(f"    {how}")
