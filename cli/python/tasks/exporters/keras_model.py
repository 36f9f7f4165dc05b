"""TensorFlow: models of Keras, SavedModels and modules, by tf2onnx."""
from collections.abc import Callable, Mapping
from pathlib import Path

import headroom_task
import numpy as np
import tensorflow as tf
import tensors
from exporters import arrays, loading
from exporters.request import Failed, InputSpec, Loaded, Request

TITLE = "TensorFlow"
PACKAGES = ("onnx", "tf2onnx")
# TensorFlow has a package for each kind of machine.
RECORDED = ("onnx", "tf2onnx", "keras", *filter(loading.is_installed, ("tensorflow", "tensorflow-cpu", "tensorflow-macos")))
SIGNATURE = "serving_default"


def open_file(path: Path) -> Loaded:
    if path.is_dir():
        return Loaded(tf.saved_model.load(str(path)))
    import keras

    # Its safe mode, the default, runs no code of the file.
    return Loaded(keras.saving.load_model(path, compile=False))


def convert(loaded: Loaded, request: Request):
    import tf2onnx
    from exporters import graph

    check_backend(loaded.model)
    given = arrays.inputs(loaded, request.inputs or own_specs(loaded.model), parameters_of(loaded.model), "model")
    specs = [
        tf.TensorSpec([None if axis in given.dims[name] else size for axis, size in enumerate(array.shape)], array.dtype, name)
        for name, array in given.sample.items()
    ]
    call = call_of(loaded.model)
    names = check_sample(call, list(given.sample.values()))
    function = tf.function(lambda *inputs: list(flatten(call(*inputs)).values()), input_signature=specs)
    try:
        traced = function.get_concrete_function()
    except tf.errors.OperatorNotAllowedInGraphError as error:
        raise Failed(
            "its way depends on the values of its inputs, which no graph can follow: use tf.where or tf.cond"
        ) from error
    except Exception as error:
        raise Failed(f"TensorFlow cannot make a graph of it: {said_by(error)}") from error
    for name, output in zip(names, traced.structured_outputs, strict=True):
        if output.shape.rank is not None and output.shape[:1] != [None]:
            raise Failed(f"its output '{name}' has the shape {list(output.shape)} for any number of rows, expected [None, …]")
    try:
        made, _ = tf2onnx.convert.from_function(function, input_signature=specs, opset=request.opset)
    except Exception as error:
        raise Failed(f"tf2onnx cannot convert it: {said_by(error)}") from error
    for tensor in made.graph.input:
        for axis, size in given.dims[tensor.name].items():
            tensor.type.tensor_type.shape.dim[axis].dim_param = size
    if not request.outputs:
        graph.rename_outputs(made.graph, names)
    return made


def check_backend(model: object) -> None:
    import keras

    if isinstance(model, keras.Layer) and keras.backend.backend() != "tensorflow":
        raise headroom_task.Unsuitable(
            f"Keras runs on {keras.backend.backend()}, expected TensorFlow: set KERAS_BACKEND=tensorflow"
        )
    if not callable(model) and SIGNATURE not in getattr(model, "signatures", {}):
        raise headroom_task.Unsuitable(
            f"found an object of {type(model).__module__}.{type(model).__qualname__}, expected a model of Keras, a module that "
            f"can be called, or a SavedModel with the signature {SIGNATURE}"
        )


def signature_of(model: object):
    """Of a SavedModel, which is no longer an object of its class."""
    return getattr(model, "signatures", {}).get(SIGNATURE)


def own_specs(model: object) -> list[InputSpec]:
    """What the model says of its inputs; nothing where it only learns that when it is called."""
    signature = signature_of(model)
    declared = signature.structured_input_signature[1].values() if signature is not None else getattr(model, "inputs", None)
    return [spec_of(tensor) for tensor in declared or []]


def spec_of(tensor) -> InputSpec:
    datatype = tensors.NAMES.get(np.dtype(tf.as_dtype(tensor.dtype).as_numpy_dtype), "BYTES")
    sizes = list(tensor.shape)
    if not sizes or sizes[0] is not None:
        raise Failed(
            f"its input '{tensor.name}' has the shape {sizes}, expected a batch axis that is open: keras.Input without batch_size"
        )
    named = [f"{tensor.name}_{axis}" if size is None else size for axis, size in enumerate(sizes[1:], 1)]
    return InputSpec(tensor.name, datatype, [arrays.BATCH, *named])


def parameters_of(model: object) -> list[tuple[str, bool]] | None:
    own = own_specs(model)
    if own:
        return [(spec.name, True) for spec in own]
    found = arrays.parameters_of(model.call if hasattr(model, "call") else model.__call__)
    return None if found is None else [(name, needed) for name, needed in found if name not in ("training", "mask")]


def call_of(model: object) -> Callable:
    """Takes inputs by position."""
    signature = signature_of(model)
    if signature is not None:
        names = list(signature.structured_input_signature[1])
        return lambda *inputs: signature(**dict(zip(names, inputs, strict=True)))
    if len(getattr(model, "inputs", None) or []) > 1:
        import keras

        # They may be taken as a list or by name.
        return lambda *inputs: model(keras.tree.pack_sequence_as(model.input, list(inputs)))
    return model


def check_sample(call: Callable, sample: list[np.ndarray]) -> list[str]:
    try:
        answers = flatten(call(*map(tf.constant, sample)))
    except headroom_task.Unsuitable:
        raise
    except Exception as error:
        shapes = ", ".join(str(list(array.shape)) for array in sample)
        raise headroom_task.Unsuitable(f"the model does not take inputs of {shapes}: {said_by(error)}") from error
    for name, answer in answers.items():
        if answer.shape.rank == 0 or answer.shape[0] != arrays.ROWS:
            raise Failed(
                f"its output '{name}' has the shape {list(answer.shape)} for {arrays.ROWS} rows, expected a row for each"
            )
    return list(answers)


def flatten(answer: object) -> dict[str, tf.Tensor]:
    """Outputs by name: a dictionary's keys, else numbers."""
    if isinstance(answer, Mapping):
        found = {str(name): value for name, value in answer.items()}
    elif isinstance(answer, (list, tuple)):
        found = {f"output{index}": value for index, value in enumerate(answer)}
    else:
        found = {"output": answer}
    other = next((type(value).__name__ for value in found.values() if not tf.is_tensor(value)), None)
    if other is not None or not found:
        raise headroom_task.Unsuitable(
            f"it returns {f'an object of {other}' if other else 'nothing'}, expected a tensor, or a list or dictionary of tensors"
        )
    return found


def said_by(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:300]


def predict(loaded: Loaded, request: dict[str, np.ndarray]) -> list[np.ndarray]:
    answers = flatten(call_of(loaded.model)(*map(tf.constant, request.values())))
    return [answer.numpy() for answer in answers.values()]


def facts(loaded: Loaded) -> dict:
    return {}
