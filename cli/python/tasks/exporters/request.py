"""What is asked of an exporter, and what it is given."""
from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


@dataclass
class InputSpec:
    """An input as the user names it; the first size is that of the batch."""

    name: str
    datatype: str
    shape: list[int | str]


@dataclass
class Request:
    # None given: what the model itself says.
    inputs: list[InputSpec]
    outputs: list[str]
    opset: int


@dataclass
class Loaded:
    model: object
    # What a script gives beside its model, in the form of its framework.
    example: object = None
    # The example by names of the export's inputs; the exporter sets it.
    rows: dict[str, np.ndarray] | None = None


class Failed(Exception):
    """The converter cannot convert this model."""
