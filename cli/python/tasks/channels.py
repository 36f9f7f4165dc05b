"""Structured pruning: whole output channels of a layer go, and with them what the next layers read of them.

A layer can be pruned where its output reaches only operators that treat each channel alone, and layers that read
channels as their input: what lies between is its region. Channels are ranked by the L1 norm of their weights (Li et al.
2017, Pruning Filters for Efficient ConvNets). Nothing is trained afterwards.
"""
from dataclasses import dataclass, field

import headroom_task
import numpy as np
import onnx
from onnx import helper, numpy_helper

# Operators that compute each channel from itself, with further inputs that are single numbers or one for each channel.
ELEMENTWISE = {
    "Abs", "Add", "Cast", "Clip", "Div", "Dropout", "Elu", "Erf", "Exp", "Gelu", "HardSigmoid", "HardSwish", "Identity",
    "LeakyRelu", "Mul", "Neg", "Pow", "PRelu", "Relu", "Selu", "Sigmoid", "Softplus", "Sqrt", "Sub", "Tanh",
}
# The same, for images: over the places of a channel.
POOLING = {"AveragePool", "GlobalAveragePool", "GlobalMaxPool", "MaxPool"}
FLATTENING = {"Flatten", "Reshape"}


@dataclass
class Layer:
    node: onnx.NodeProto
    weights: np.ndarray
    # Axes of the weights for the channels that the layer writes and reads.
    out_axis: int
    in_axis: int

    @property
    def channels(self) -> int:
        return self.weights.shape[self.out_axis]


@dataclass
class Region:
    """Everything between a layer and the layers that read its channels."""

    vectors: list[tuple[str, int]] = field(default_factory=list)  # initialisers, with the axis of their channels
    readers: list[tuple[Layer, int]] = field(default_factory=list)  # with the columns of their weights for a channel
    shapes: list[str] = field(default_factory=list)  # shapes of reshapes, which name the number of columns


class Graph:
    def __init__(self, model: onnx.ModelProto) -> None:
        self.graph = model.graph
        self.constants: dict[str, np.ndarray] = {}
        self.move_constants()
        self.constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in self.graph.initializer}
        self.users: dict[str, list[onnx.NodeProto]] = {}
        for node in self.graph.node:
            for name in node.input:
                self.users.setdefault(name, []).append(node)
        self.outputs = {output.name for output in self.graph.output}

    def move_constants(self) -> None:
        for node in [node for node in self.graph.node if node.op_type == "Constant" and node.attribute[0].name == "value"]:
            tensor = node.attribute[0].t
            tensor.name = node.output[0]
            self.graph.initializer.append(tensor)
            self.graph.node.remove(node)

    def replace(self, name: str, values: np.ndarray) -> None:
        self.constants[name] = values
        for tensor in self.graph.initializer:
            if tensor.name == name:
                tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(values), name))

    def is_own(self, name: str) -> bool:
        return name in self.constants and len(self.users[name]) == 1

    def layer(self, node: onnx.NodeProto) -> Layer | None:
        if len(node.input) < 2 or node.input[1] not in self.constants:
            return None
        weights = self.constants[node.input[1]]
        attributes = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
        if node.op_type == "Conv" and attributes.get("group", 1) == 1:
            return Layer(node, weights, 0, 1)
        if node.op_type == "Gemm" and not attributes.get("transA"):
            return Layer(node, weights, *((0, 1) if attributes.get("transB") else (1, 0)))
        if node.op_type == "MatMul" and weights.ndim == 2:
            return Layer(node, weights, 1, 0)
        return None

    def region(self, layer: Layer) -> Region | str:
        """What hangs on a layer's channels, or why they cannot go."""
        if not self.is_own(layer.node.input[1]):
            return "its weights are shared"
        region, is_image = Region(), layer.node.op_type == "Conv"
        inside, waiting, seen = {layer.node.output[0]}, [layer.node.output[0]], []
        if len(layer.node.input) > 2 and layer.node.input[2]:
            region.vectors.append((layer.node.input[2], 0))
        flattened = set()
        while waiting:
            tensor = waiting.pop()
            if tensor in self.outputs:
                return "its channels are an output of the model"
            for node in self.users.get(tensor, []):
                reader = self.layer(node)
                if reader is not None and node.input[0] == tensor:
                    if not self.is_own(node.input[1]):
                        return "the next layer's weights are shared"
                    width = reader.weights.shape[reader.in_axis]
                    if width % layer.channels:
                        return f"the next layer reads {width} columns, no multiple of its {layer.channels} channels"
                    region.readers.append((reader, width // layer.channels))
                    continue
                if any(node is other for other in seen):
                    continue
                seen.append(node)
                if node.op_type in FLATTENING and is_image and node.input[0] == tensor:
                    if node.op_type == "Reshape":
                        region.shapes.append(node.input[1])
                    flattened.add(node.output[0])
                elif node.op_type == "BatchNormalization" and node.input[0] == tensor:
                    region.vectors += [(name, 0) for name in node.input[1:5]]
                elif node.op_type not in ELEMENTWISE and not (is_image and node.op_type in POOLING):
                    return f"its channels reach {node.op_type}, which mixes them"
                if tensor in flattened:
                    flattened.add(node.output[0])
                inside.add(node.output[0])
                waiting.append(node.output[0])
        for node in seen:
            if node.op_type in ELEMENTWISE:
                for name in node.input:
                    reason = self.operand(name, layer.channels, is_image, inside, region)
                    if reason:
                        return reason
        if not all(self.is_own(name) for name, _ in region.vectors):
            return "what belongs to its channels is shared"
        return region if region.readers else "nothing reads its channels"

    def operand(self, name: str, channels: int, is_image: bool, inside: set[str], region: Region) -> str | None:
        if not name or name in inside:
            return None
        if name not in self.constants:
            return "its channels meet those of another layer"
        values = self.constants[name]
        if values.size == 1:
            return None
        # Counted from the end, as broadcasting does.
        axis = values.ndim - (3 if is_image else 1)
        if axis >= 0 and values.shape[axis] == channels and values.size == channels:
            region.vectors.append((name, axis))
            return None
        return f"its channels meet a constant of the shape {list(values.shape)}"


def prune_channels(model: onnx.ModelProto, share: float) -> str:
    graph = Graph(model)
    pruned, reasons = [], []
    for node in list(model.graph.node):
        layer = graph.layer(node)
        if layer is None:
            continue
        region = graph.region(layer)
        if isinstance(region, str):
            reasons.append(f"{node.op_type} '{node.name or node.output[0]}': {region}")
            continue
        go = int(layer.channels * share)
        if go == 0:
            reasons.append(f"{node.op_type} '{node.name or node.output[0]}': {layer.channels} channels are too few")
            continue
        drop(graph, layer, region, go)
        pruned.append(f"{layer.channels} to {layer.channels - go}")
    if not pruned:
        why = "; ".join(reasons[:3]) or "it has no Conv, Gemm or MatMul with weights of its own"
        raise headroom_task.Unsuitable(f"no layer has channels that can go: {why}")
    # Shapes between the layers are no longer those noted.
    del model.graph.value_info[:]
    return f"channels of {len(pruned)} layers: {', '.join(pruned[:6])}{', …' if len(pruned) > 6 else ''}"


def drop(graph: Graph, layer: Layer, region: Region, go: int) -> None:
    others = tuple(axis for axis in range(layer.weights.ndim) if axis != layer.out_axis)
    keep = np.sort(np.argsort(np.abs(layer.weights).sum(others), kind="stable")[go:])
    graph.replace(layer.node.input[1], layer.weights.take(keep, layer.out_axis))
    for name, axis in region.vectors:
        graph.replace(name, graph.constants[name].take(keep, axis))
    for reader, columns in region.readers:
        # A flattened image has the places of a channel side by side.
        kept = (keep[:, None] * columns + np.arange(columns)).reshape(-1)
        name = reader.node.input[1]
        graph.replace(name, graph.constants[name].take(kept, reader.in_axis))
        for shape in region.shapes:
            values = graph.constants[shape].copy()
            values[values == layer.channels * columns] = len(keep) * columns
            graph.replace(shape, values)
