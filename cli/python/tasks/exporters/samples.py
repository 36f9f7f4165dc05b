"""Random inputs that reach into a model: around the thresholds of trees, among known texts, elsewhere of several sizes."""
import numpy as np
import onnx
from onnx import helper

# A size that a model leaves open, other than the batch.
OPEN_SIZE = 3
# Numbers that are no tree's: most near 1, some large, each row of one size.
SCALES = (0.1, 1.0, 1.0, 10.0)
FLOATS = ("float32", "float64", "float16")


def rows_of(request: dict[str, np.ndarray]) -> int:
    return len(next(iter(request.values())))


def as_taken(model: onnx.ModelProto, request: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """As the export takes them: what the original was asked may have been more precise."""
    types = {tensor.name: helper.tensor_dtype_to_np_dtype(tensor.type.tensor_type.elem_type) for tensor in model.graph.input}
    return {name: array.astype(types[name]) for name, array in request.items()}


class Sampler:
    def __init__(self, model: onnx.ModelProto, seed: int) -> None:
        self.inputs = model.graph.input
        self.thresholds = thresholds_of(model.graph)
        self.table_sizes = table_sizes_of(model.graph)
        self.texts = texts_of(model.graph)
        self.random = np.random.default_rng(seed)

    def draw(self, rows: int) -> dict[str, np.ndarray]:
        return {tensor.name: self.values(tensor, rows) for tensor in self.inputs}

    def values(self, tensor: onnx.ValueInfoProto, rows: int) -> np.ndarray:
        declared = tensor.type.tensor_type
        sizes = [dim.dim_value or OPEN_SIZE for dim in declared.shape.dim[1:]]
        shape = (rows, *sizes)
        if declared.elem_type == onnx.TensorProto.STRING:
            return self.random.choice(np.array(self.texts, dtype=object), shape)
        dtype = helper.tensor_dtype_to_np_dtype(declared.elem_type)
        if dtype == np.bool_:
            return self.random.random(shape) < 0.5
        if dtype.name not in FLOATS:
            limit = min(self.table_sizes.get(tensor.name, 2), np.iinfo(dtype).max)
            return self.random.integers(0, limit, shape, dtype=dtype)
        values = self.random.normal(size=shape) * self.random.choice(SCALES, (rows, *[1] * len(sizes)))
        if len(sizes) == 1:
            self.meet_thresholds(values)
        return values.astype(dtype)

    def meet_thresholds(self, values: np.ndarray) -> None:
        """On either side of a threshold of the column: any other number would only ever reach a few leaves."""
        for column, thresholds in self.thresholds.items():
            if column >= values.shape[1]:
                continue
            spread = np.ptp(thresholds) or abs(thresholds[0]) or 1.0
            noise = self.random.normal(size=len(values)) * spread * self.random.choice((0.01, 0.3), len(values))
            values[:, column] = self.random.choice(thresholds, len(values)) + noise


def thresholds_of(graph: onnx.GraphProto) -> dict[int, np.ndarray]:
    """What the trees that read an input of the model compare its columns with."""
    inputs = {tensor.name for tensor in graph.input}
    found: dict[int, list[float]] = {}
    for node in graph.node:
        if not node.op_type.startswith("TreeEnsemble") or node.input[0] not in inputs:
            continue
        attributes = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
        columns = attributes.get("nodes_featureids", [])
        for column, value, mode in zip(
            columns, attributes.get("nodes_values", []), attributes.get("nodes_modes", []), strict=False
        ):
            if mode != b"LEAF" and np.isfinite(value):
                found.setdefault(column, []).append(value)
    return {column: np.array(values) for column, values in found.items()}


def table_sizes_of(graph: onnx.GraphProto) -> dict[str, int]:
    """How many rows the table has that an input of whole numbers points into, such as the words of an embedding."""
    tables = {tensor.name: tensor.dims[0] for tensor in graph.initializer if tensor.dims}
    inputs = {tensor.name: tensor.name for tensor in graph.input}
    found: dict[str, int] = {}
    for node in graph.node:
        if node.op_type == "Cast" and node.input[0] in inputs:
            inputs[node.output[0]] = inputs[node.input[0]]
        if node.op_type == "Gather" and node.input[0] in tables and node.input[1] in inputs:
            name = inputs[node.input[1]]
            found[name] = min(found.get(name, tables[node.input[0]]), tables[node.input[0]])
    return found


def texts_of(graph: onnx.GraphProto) -> list[str]:
    """Texts that the model knows by name, such as categories; no others, which many an encoder refuses."""
    known = [
        text.decode()
        for node in graph.node
        for attribute in node.attribute
        if attribute.name in ("cats_strings", "keys_strings")
        for text in attribute.strings
    ]
    return known or ["a", "b"]
