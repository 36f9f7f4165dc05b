"""What models of tensors have in common: inputs that a user names or gives an example of."""
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import headroom_task
import numpy as np
import tensors
from exporters.request import InputSpec, Loaded

BATCH = "batch"
# Rows to try a model with: never 1, which exporters take for a constant.
ROWS = 2
# The first size that is left open; each further one is larger, so that none is taken for another.
OPEN_SIZE = 3


@dataclass
class Inputs:
    # By name of the input, in the model's order.
    sample: dict[str, np.ndarray]
    # Names of the sizes that are open, by axis; the first is that of the batch.
    dims: dict[str, dict[int, str]]


def parameters_of(function: Callable) -> list[tuple[str, bool]] | None:
    """Names of what a function takes by position, and which are needed; None where it takes any number."""
    found = inspect.signature(function).parameters.values()
    if any(parameter.kind is inspect.Parameter.VAR_POSITIONAL for parameter in found):
        return None
    return [
        (parameter.name, parameter.default is inspect.Parameter.empty)
        for parameter in found
        if parameter.kind in (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    ]


def inputs(loaded: Loaded, specs: list[InputSpec], parameters: list[tuple[str, bool]] | None, what: str) -> Inputs:
    """By --input, by the example that the script gives, or by both."""
    example = None if loaded.example is None else named_example(loaded.example, specs, parameters, what)
    if example is None and not specs:
        names = [name for name, needed in parameters or [] if needed] or ["x"]
        raise headroom_task.Unsuitable(
            f"a {what} does not say what it takes ({', '.join(names)}): name each, such as "
            f"--input '{names[0]}:FP32[batch,3,224,224]', or return the {what} with an example of its inputs"
        )
    names = [spec.name for spec in specs] if specs else list(example)
    check_count(names, parameters, what)
    dims = {spec.name: {axis: size for axis, size in enumerate(spec.shape) if isinstance(size, str)} for spec in specs}
    dims = {name: {**dims.get(name, {}), 0: BATCH} for name in names}
    if example is None:
        return Inputs({spec.name: sample_of(spec, specs) for spec in specs}, dims)
    for spec in specs:
        check_spec(spec, example[spec.name])
    loaded.rows = example
    return Inputs({name: np.resize(array, (ROWS, *array.shape[1:])) for name, array in example.items()}, dims)


def named_example(
    example: object, specs: list[InputSpec], parameters: list[tuple[str, bool]] | None, what: str
) -> dict[str, np.ndarray]:
    names = [spec.name for spec in specs] or [name for name, _ in parameters or []]
    if isinstance(example, Mapping):
        unknown = next((name for name in example if parameters is not None and name not in dict(parameters)), None)
        if unknown is not None:
            raise headroom_task.Unsuitable(
                f"the example has '{unknown}', expected of {', '.join(name for name, _ in parameters)}"
            )
        order = [name for name, _ in parameters or []] or list(example)
        values = [example[name] for name in order if name in example]
        names = [spec.name for spec in specs] or [name for name in order if name in example]
        if parameters is not None and any(name not in example for name in order[: len(values)]):
            raise headroom_task.Unsuitable(f"the example leaves out an input before another: the {what} takes {', '.join(order)}")
    else:
        values = list(example) if isinstance(example, (list, tuple)) else [example]
        names = names or [f"input{index}" for index in range(len(values))]
    if specs and len(values) != len(specs):
        raise headroom_task.Unsuitable(f"the example has {len(values)} inputs, but --input names {len(specs)}")
    if len(values) > len(names):
        raise headroom_task.Unsuitable(f"the example has {len(values)} inputs, but the {what} takes {len(names)}: {', '.join(names)}")
    arrays = {name: as_array(name, value) for name, value in zip(names, values)}
    rows = {len(array) for array in arrays.values()}
    if len(rows) != 1 or 0 in rows:
        raise headroom_task.Unsuitable(f"the inputs of the example have {', '.join(map(str, sorted(rows)))} rows, expected as many each")
    return arrays


def as_array(name: str, value: object) -> np.ndarray:
    array = value.detach().cpu().numpy() if hasattr(value, "detach") else np.asarray(value)
    if array.dtype not in tensors.NAMES or array.ndim == 0:
        raise headroom_task.Unsuitable(f"the example's '{name}' is {type(value).__name__}, expected a tensor of numbers with a batch axis")
    return array


def check_count(names: list[str], parameters: list[tuple[str, bool]] | None, what: str) -> None:
    if parameters is None:
        return
    needed = sum(1 for _, is_needed in parameters if is_needed)
    if needed <= len(names) <= len(parameters):
        return
    takes = ", ".join(name for name, _ in parameters)
    raise headroom_task.Unsuitable(
        f"the {what} takes {takes}, but {len(names)} of them {'is' if len(names) == 1 else 'are'} given ({', '.join(names)}): "
        "name each by --input, in this order"
    )


def check_spec(spec: InputSpec, array: np.ndarray) -> None:
    fits = tensors.DTYPES.get(spec.datatype) == array.dtype and len(spec.shape) == array.ndim
    if fits and all(isinstance(size, str) or size == found for size, found in zip(spec.shape, array.shape)):
        return
    wanted = ",".join(map(str, spec.shape))
    raise headroom_task.Unsuitable(
        f"--input '{spec.name}' is {spec.datatype}[{wanted}], but the example's is {tensors.NAMES[array.dtype]}{list(array.shape)}"
    )


def sample_of(spec: InputSpec, specs: list[InputSpec]) -> np.ndarray:
    dtype = tensors.DTYPES.get(spec.datatype)
    if dtype is None:
        raise headroom_task.Unsuitable(f"--input '{spec.name}' is {spec.datatype}, expected numbers")
    open_names = list(dict.fromkeys(size for one in specs for size in one.shape[1:] if isinstance(size, str)))
    sizes = [size if isinstance(size, int) else OPEN_SIZE + 2 * open_names.index(size) for size in spec.shape[1:]]
    shape = (ROWS, *sizes)
    if dtype.kind == "f":
        return np.random.default_rng(0).normal(size=shape).astype(dtype)
    return np.zeros(shape, dtype)
