"""How the shipped numbers are made; needs requirements/train.txt, which running the product does not."""

from importlib import import_module
from typing import Any


class MissingTrainingLibraryError(RuntimeError):
    """Training was asked for without the libraries it needs."""


def library(module: str) -> Any:
    """Import a module of a training library; raise an error that says what to install if it is missing."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise MissingTrainingLibraryError(
            f"Training needs {error.name}: pip install -r requirements/train.txt"
        ) from None
