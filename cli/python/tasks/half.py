"""FP16 weights and operators; inputs and outputs stay as they are.

Task: {"model": path, "output": path}
"""
from collections.abc import Callable

import headroom_task
import model_file
import onnx
from onnx import TensorProto
from onnxconverter_common import float16

# Casts keep the type that they were made for: the converter would leave them at FP32 and take their output for FP16.
BLOCKED = [*float16.DEFAULT_OP_BLOCK_LIST, "Cast"]


def join_casts(graph: onnx.GraphProto) -> None:
    """The converter casts an input once for each operator that reads it, each time to the same name: one stays, first."""
    inputs = {tensor.name for tensor in graph.input}
    casts = {node.output[0]: node for node in graph.node if node.op_type == "Cast" and node.input[0] in inputs}
    for node in [node for node in graph.node if node.output[0] in casts]:
        graph.node.remove(node)
    for cast in casts.values():
        graph.node.insert(0, cast)


def convert(task: dict, progress: Callable[[str], None]) -> dict:
    model = model_file.load(task["model"])
    if not any(weights.data_type == TensorProto.FLOAT for weights in model.graph.initializer):
        raise headroom_task.Unsuitable("the model has no FP32 weights to halve")
    progress("converting to FP16")
    halved = float16.convert_float_to_float16(model, keep_io_types=True, op_block_list=BLOCKED)
    join_casts(halved.graph)
    model_file.save(halved, task["output"])
    return {"tools": model_file.versions()}


headroom_task.run(convert)
