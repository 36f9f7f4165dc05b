"""Reading and writing of ONNX files by the transforms."""
from importlib.metadata import version

import onnx

# Above this size protobuf cannot hold a model in one file.
MAX_BYTES = 2**31 - 1


def load(path: str) -> onnx.ModelProto:
    return onnx.load(path)


def save(model: onnx.ModelProto, path: str) -> None:
    if model.ByteSize() > MAX_BYTES:
        raise ValueError("the model has more than 2 GiB, which one file cannot hold")
    onnx.checker.check_model(model)
    onnx.save(model, path)


def versions() -> dict[str, str]:
    return {name: version(name) for name in ("onnx", "onnxruntime", "onnxconverter-common")}

