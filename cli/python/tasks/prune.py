"""Pruning: the smallest weights become zero (magnitude), or the weakest channels go (structured).

Task: {"method": "magnitude" | "structured", "share": 0 to 1, "model": path, "output": path}
"""
from collections.abc import Callable

import headroom_task
import model_file
import numpy as np
import onnx
from channels import prune_channels
from onnx import numpy_helper

# Operators whose weights are pruned. Biases are not: there are few, and each matters.
LAYERS = ("Conv", "ConvTranspose", "Gemm", "MatMul")


def prune_magnitude(model: onnx.ModelProto, share: float) -> str:
    """Sets the share of each layer's weights that is smallest in magnitude to zero (Han et al. 2015, by layer)."""
    weights = {name for node in model.graph.node if node.op_type in LAYERS for name in node.input[1:2]}
    pruned = total = 0
    for tensor in model.graph.initializer:
        if tensor.name not in weights or tensor.data_type != onnx.TensorProto.FLOAT:
            continue
        values = numpy_helper.to_array(tensor).copy()
        count = int(values.size * share)
        smallest = np.argpartition(np.abs(values), count, axis=None)[:count] if count < values.size else ...
        values.reshape(-1)[smallest] = 0
        tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
        pruned += count
        total += values.size
    if total == 0:
        raise headroom_task.Unsuitable(f"the model has no {', '.join(LAYERS)} with FP32 weights to prune")
    return f"{pruned} of {total} weights are zero"


def prune(task: dict, progress: Callable[[str], None]) -> dict:
    model = model_file.load(task["model"])
    progress("pruning")
    method = {"magnitude": prune_magnitude, "structured": prune_channels}[task["method"]]
    note = method(model, task["share"])
    model_file.save(model, task["output"])
    return {"tools": model_file.versions(), "note": note}


headroom_task.run(prune)
