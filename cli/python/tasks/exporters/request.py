"""What is asked of an exporter, and what it is given."""
from dataclasses import dataclass


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


class Failed(Exception):
    """The converter cannot convert this model."""
