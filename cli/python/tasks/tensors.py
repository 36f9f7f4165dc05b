"""Tensors in files: raw numbers, or JSON for texts."""
import json
from pathlib import Path

import numpy as np

# Datatypes of the Open Inference Protocol that are numbers.
DTYPES = {
    "BOOL": np.dtype(np.bool_),
    **{f"UINT{bits}": np.dtype(f"uint{bits}") for bits in (8, 16, 32, 64)},
    **{f"INT{bits}": np.dtype(f"int{bits}") for bits in (8, 16, 32, 64)},
    **{f"FP{bits}": np.dtype(f"float{bits}") for bits in (16, 32, 64)},
}
NAMES = {dtype: name for name, dtype in DTYPES.items()}


def read_all(stored: dict) -> dict[str, np.ndarray]:
    return {name: read(**tensor) for name, tensor in stored.items()}


def read(file: str, datatype: str, shape: list[int]) -> np.ndarray:
    content = Path(file).read_bytes()
    if datatype == "BYTES":
        return np.array(json.loads(content), dtype=object).reshape(shape)
    return np.frombuffer(content, DTYPES[datatype]).reshape(shape)


def write_all(arrays: dict[str, np.ndarray], folder: str, prefix: str) -> dict:
    return {
        name: write(np.asarray(array), Path(folder) / f"{prefix}-{index}")
        for index, (name, array) in enumerate(arrays.items())
    }


def write(array: np.ndarray, file: Path) -> dict:
    datatype = NAMES.get(array.dtype, "BYTES")
    if datatype == "BYTES":
        file.write_text(json.dumps([str(value) for value in array.reshape(-1)]))
    else:
        file.write_bytes(np.ascontiguousarray(array).tobytes())
    return {"file": str(file), "datatype": datatype, "shape": list(array.shape)}
