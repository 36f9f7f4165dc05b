"""Writes the models of models/, which answer differently. Needs only the package `onnx`; run: python make_models.py"""

from pathlib import Path

import numpy as np
from onnx import TensorProto, external_data_helper, helper, numpy_helper, save

FOLDER = Path(__file__).parent / "models"


def plus(amount):
    """y = x + amount"""
    shape = ["N", 2]
    graph = helper.make_graph(
        [helper.make_node("Add", ["x", "amount"], ["y"])],
        "plus",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(np.full((1, 2), amount, np.float32), "amount")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def external(amount):
    """The same with the amount in a file beside the model."""
    model = plus(amount)
    external_data_helper.convert_model_to_external_data(model, location="weights.bin", size_threshold=0)
    folder = FOLDER / f"external-{amount}"
    folder.mkdir(exist_ok=True)
    (folder / "weights.bin").unlink(missing_ok=True)
    save(model, folder / "model.onnx")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for amount in (1, 2, 3):
        save(plus(amount), FOLDER / f"plus-{amount}.onnx")
    for amount in (1, 2):
        external(amount)
