"""INT8: dynamic (weights beforehand, activations as they come) or static (both beforehand, by calibration).

Task: {"method": "dynamic" | "static", "model": path, "output": path, "calibration": [{input: {file, datatype, shape}}]}
"""
import tempfile
from collections.abc import Callable
from pathlib import Path

import headroom_task
import model_file
import onnx
import tensors
from onnxruntime import quantization
from onnxruntime.quantization.shape_inference import quant_pre_process

# What the dynamic quantiser has integer operators for. Convolutions are left out: those with dynamic scales are slower
# than in floating point on every processor, as ONNX Runtime's own guide says.
DYNAMIC = ["MatMul", "Gemm", "Attention", "LSTM", "GRU", "EmbedLayerNormalization"]
STATIC = ["Conv", "ConvTranspose", "MatMul", "Gemm"]


class Calibration(quantization.CalibrationDataReader):
    """Requests, one after the other."""

    def __init__(self, requests: list[dict]) -> None:
        self.requests = iter(requests)

    def get_next(self) -> dict | None:
        request = next(self.requests, None)
        return None if request is None else tensors.read_all(request)


def prepare(path: str, folder: str) -> str:
    """Shapes inferred and the graph simplified, as the quantiser wants it."""
    prepared = str(Path(folder) / "prepared.onnx")
    try:
        quant_pre_process(path, prepared, skip_symbolic_shape=True)
        return prepared
    except Exception:  # Shapes that cannot be inferred cost the quantiser some layers, not all.
        return path


def layers(path: str, operators: list[str]) -> int:
    return sum(node.op_type in operators for node in onnx.load(path, load_external_data=False).graph.node)


def quantize(task: dict, progress: Callable[[str], None]) -> dict:
    is_dynamic = task["method"] == "dynamic"
    operators = DYNAMIC if is_dynamic else STATIC
    # Tables of embeddings make no run faster, but may be most of the file.
    quantised = [*operators, "Gather"] if is_dynamic else operators
    with tempfile.TemporaryDirectory() as folder:
        prepared = prepare(task["model"], folder)
        found = layers(prepared, operators)
        if found == 0:
            raise headroom_task.Unsuitable(f"the model has no {', '.join(operators)} to quantise")
        # Weights of 7 bits: with 8, the AVX2 instructions of processors without VNNI overflow, and are wrong.
        common = {"per_channel": True, "reduce_range": True, "op_types_to_quantize": quantised}
        if is_dynamic:
            progress(f"quantising {found} layers")
            quantization.quantize_dynamic(
                prepared, task["output"], weight_type=quantization.QuantType.QInt8, **common
            )
        else:
            progress(f"calibrating with {len(task['calibration'])} requests")
            quantization.quantize_static(
                prepared,
                task["output"],
                Calibration(task["calibration"]),
                quant_format=quantization.QuantFormat.QDQ,
                activation_type=quantization.QuantType.QUInt8,
                weight_type=quantization.QuantType.QInt8,
                **common,
            )
    return {"tools": model_file.versions(), "note": f"{found} layers"}


headroom_task.run(quantize)
