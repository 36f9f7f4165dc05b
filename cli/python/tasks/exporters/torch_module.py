"""PyTorch: modules and exported programs by torch.export, TorchScript by the exporter for it."""
import inspect
import re
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import headroom_task
import numpy as np
import torch
from exporters import arrays
from exporters.request import Failed, Loaded, Request

TITLE = "PyTorch"
PACKAGES = ("onnx", "onnxscript")
RECORDED = ("onnx", "onnxscript", "torch")
# The first to export programs to ONNX.
LEAST_TORCH = (2, 6)
BATCH = "batch"


def open_file(path: Path) -> Loaded:
    """TorchScript and exported programs, which say what they compute; a file of weights or of a pickled object does not."""
    names = zipfile.ZipFile(path).namelist() if zipfile.is_zipfile(path) else []
    if any(name.endswith("/archive_format") or name == "serialized_exported_program.json" for name in names):
        return Loaded(torch.export.load(path))
    if any(name.endswith("/constants.pkl") for name in names):
        return Loaded(torch.jit.load(path, map_location="cpu"))
    try:
        torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise headroom_task.Unsuitable(
            f"{path} is neither TorchScript nor an exported program, and pickled modules are not loaded, since any code "
            f"could be in them: save its state_dict, and {how_to_build(path)}"
        ) from error
    raise headroom_task.Unsuitable(f"{path} holds weights without the module that they belong to: {how_to_build(path)}")


def how_to_build(path: Path) -> str:
    return f"name a function that makes the module and loads them, such as {path.stem}.py:build"


def convert(loaded: Loaded, request: Request):
    installed = tuple(int(part) for part in re.findall(r"\d+", torch.__version__)[:2])
    if installed < LEAST_TORCH:
        raise headroom_task.Unsuitable(f"torch is {torch.__version__}, expected {'.'.join(map(str, LEAST_TORCH))} or later")
    model = loaded.model
    if isinstance(model, torch.export.ExportedProgram):
        names = list(model.graph_signature.user_inputs)
        return from_program(model, {name: {} for name in names}, list(flatten(run(model, example_of(model)))), request)
    if not isinstance(model, torch.nn.Module):
        raise headroom_task.Unsuitable(
            f"found an object of {type(model).__module__}.{type(model).__qualname__}, expected a torch.nn.Module"
        )
    model.eval()
    given = arrays.inputs(loaded, request.inputs, parameters_of(model), "module")
    sample = [torch.from_numpy(array) for array in given.sample.values()]
    names = check_batches(model, sample)
    if isinstance(model, torch.jit.ScriptModule):
        return from_torchscript(model, sample, given.dims, names, request)
    dims = {name: torch.export.Dim(name) for sizes in given.dims.values() for name in sizes.values()}
    shapes = tuple({axis: dims[name] for axis, name in sizes.items()} for sizes in given.dims.values())
    try:
        program = torch.export.export(model, tuple(sample), dynamic_shapes=(shapes_for(model, shapes)), strict=False)
    except Exception as error:
        raise Failed(why_not_exported(error)) from error
    return from_program(program, given.dims, names, request)


def shapes_for(model: torch.nn.Module, shapes: tuple) -> tuple:
    """What a forward(*inputs) takes is one argument to torch.export."""
    kinds = [parameter.kind for parameter in inspect.signature(model.forward).parameters.values()]
    return (shapes,) if kinds and kinds[0] is inspect.Parameter.VAR_POSITIONAL else shapes


def parameters_of(model: torch.nn.Module) -> list[tuple[str, bool]]:
    """Names of the inputs, and which are needed."""
    if isinstance(model, torch.jit.ScriptModule):
        return [(argument.name, not argument.has_default_value()) for argument in model.forward.schema.arguments[1:]]
    return arrays.parameters_of(model.forward)


def check_batches(model: torch.nn.Module, sample: list[torch.Tensor]) -> list[str]:
    """The names of the outputs. A module that only takes one number of rows fails here, in its own words."""
    try:
        answers = flatten(run(model, sample))
    except headroom_task.Unsuitable:
        raise
    except Exception as error:
        shapes = ", ".join(str(list(tensor.shape)) for tensor in sample)
        raise headroom_task.Unsuitable(f"the module does not take inputs of {shapes}: {said_by(error)}") from error
    rows = len(sample[0])
    for name, answer in answers.items():
        if answer.dim() == 0 or len(answer) != rows:
            raise Failed(f"its output '{name}' has the shape {list(answer.shape)} for {rows} rows, expected a row for each")
    more = [torch.cat([tensor, tensor[:1]]) for tensor in sample]
    try:
        run(model, more)
    except Exception as error:
        raise Failed(f"it takes {rows} rows, but not {rows + 1}: {said_by(error)}") from error
    return list(answers)


def from_program(program, dims: dict[str, dict[int, str]], outputs: list[str], request: Request):
    try:
        made = torch.onnx.export(
            program,
            (),
            input_names=list(dims),
            output_names=outputs,
            opset_version=request.opset,
            dynamo=True,
            verbose=False,
        ).model_proto
    except Exception as error:
        raise Failed(f"torch.onnx cannot convert it: {said_by(error)}") from error
    name_sizes(made.graph, dims)
    return checked(made, request)


def name_sizes(graph, dims: dict[str, dict[int, str]]) -> None:
    """torch.export gives sizes names of its own."""
    names = {
        tensor.type.tensor_type.shape.dim[axis].dim_param: name
        for tensor in graph.input
        for axis, name in dims[tensor.name].items()
    }
    for tensor in [*graph.input, *graph.output]:
        for size in tensor.type.tensor_type.shape.dim:
            if size.dim_param in names:
                size.dim_param = names[size.dim_param]


def from_torchscript(model, sample: list[torch.Tensor], dims: dict, outputs: list[str], request: Request):
    import onnx

    axes = {**{name: dict(sizes) for name, sizes in dims.items()}, **{name: {0: BATCH} for name in outputs}}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        try:
            torch.onnx.export(
                model,
                tuple(sample),
                path,
                input_names=list(dims),
                output_names=outputs,
                opset_version=request.opset,
                dynamic_axes=axes,
                do_constant_folding=True,
                dynamo=False,
            )
        except Exception as error:
            raise Failed(f"torch.onnx cannot convert it: {said_by(error)}") from error
        return checked(onnx.load(path), request)


def checked(model, request: Request):
    opset = next(known.version for known in model.opset_import if known.domain == "")
    if opset != request.opset:
        raise Failed(f"PyTorch makes opset {opset} of it, not {request.opset}: ask for that by --opset {opset}")
    first = [tensor.type.tensor_type.shape.dim[:1] for tensor in model.graph.input]
    batches = {size[0].dim_param or size[0].dim_value if size else None for size in first}
    if len(batches) != 1 or not isinstance(next(iter(batches)), str):
        raise Failed(
            "its batch axis is fixed: export the program with dynamic_shapes, the first axis of each input "
            f"torch.export.Dim('{BATCH}')"
        )
    # They hold paths and lines of the sources.
    for holder in [*model.graph.node, *model.graph.input, *model.graph.output, *model.graph.initializer]:
        del holder.metadata_props[:]
    del model.graph.metadata_props[:]
    return model


def why_not_exported(error: Exception) -> str:
    text = str(error)
    fixed = re.search(r"You marked (\w+) as dynamic but your code specialized it to be a constant \((\d+)\)", text)
    if fixed is not None:
        name, size = fixed.groups()
        return (
            f"its code fixes the size '{name}' to that of the example ({size}): a number in a reshape, "
            "a size turned into a Python number, or a loop over rows"
        )
    place = re.findall(r'File "([^"]+)", line (\d+), in [^\n]*\n\s+([^\n]+)', text)
    if "data-dependent" in text:
        where = "" if not place else f" ({Path(place[-1][0]).name} line {place[-1][1]}: {place[-1][2].strip()})"
        return f"its way depends on the values of its inputs{where}, which no export can follow: use torch.where or torch.cond"
    return f"torch.export cannot export it: {said_by(error)}"


def said_by(error: Exception) -> str:
    cause = error.__cause__ or error
    return f"{type(cause).__name__}: {' '.join(str(cause).split())}"[:300]


def example_of(program) -> list[torch.Tensor]:
    args, named = program.example_inputs or ((), {})
    found = [*args, *named.values()]
    if not found or not all(isinstance(tensor, torch.Tensor) for tensor in found):
        raise headroom_task.Unsuitable("the program takes or keeps no example of inputs that are all tensors")
    return found


def run(model, inputs: list[torch.Tensor]):
    with torch.inference_mode():
        if not isinstance(model, torch.export.ExportedProgram):
            return model(*inputs)
        args, named = model.example_inputs
        return model.module()(*inputs[: len(args)], **dict(zip(named, inputs[len(args) :], strict=True)))


def flatten(answer) -> dict[str, torch.Tensor]:
    """Outputs by name: a dictionary's keys, else numbers."""
    if isinstance(answer, torch.Tensor):
        found = {"output": answer}
    elif isinstance(answer, Mapping):
        found = {str(name): value for name, value in answer.items()}
    elif isinstance(answer, (list, tuple)):
        found = {f"output{index}": value for index, value in enumerate(answer)}
    else:
        found = {"output": answer}
    other = next((type(value).__name__ for value in found.values() if not isinstance(value, torch.Tensor)), None)
    if other is not None or not found:
        raise headroom_task.Unsuitable(
            f"it returns {f'an object of {other}' if other else 'nothing'}, expected a tensor, or a list or dictionary of tensors"
        )
    return found


def predict(loaded: Loaded, request: dict[str, np.ndarray]) -> list[np.ndarray]:
    if isinstance(loaded.model, torch.nn.Module):
        loaded.model.eval()
    answers = flatten(run(loaded.model, [torch.from_numpy(array.copy()) for array in request.values()]))
    return [answer.cpu().numpy() for answer in answers.values()]


def facts(loaded: Loaded) -> dict:
    return {}
