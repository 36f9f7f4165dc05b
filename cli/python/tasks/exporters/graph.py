"""What every export gets, whatever made it: one named batch axis, names of outputs, a check of the file."""
import headroom_task
import onnx
from exporters.request import Failed
from onnx import version_converter

BATCH = "batch"
LEAST_OPSET = 13
# Above this size protobuf cannot hold a model in one file.
MAX_BYTES = 2**31 - 1


def finish(model: onnx.ModelProto, outputs: list[str]) -> None:
    rename_outputs(model.graph, outputs)
    for tensor in [*model.graph.input, *model.graph.output]:
        name_batch(tensor)
    # Shapes that a converter noted on the way may hold another batch.
    del model.graph.value_info[:]
    # Converters list an operator set once for each of their steps.
    versions = {opset.domain: opset.version for opset in model.opset_import}
    del model.opset_import[:]
    model.opset_import.extend(onnx.helper.make_opsetid(domain, version) for domain, version in versions.items())
    if versions.get("", LEAST_OPSET) < LEAST_OPSET:
        raise Failed(f"the converter made opset {versions['']}, expected {LEAST_OPSET} or later")


def at_opset(model: onnx.ModelProto, opset: int) -> onnx.ModelProto:
    """For converters that write an older operator set than they are asked for, or none where all operators are trees."""
    if not any(known.domain == "" for known in model.opset_import):
        model.opset_import.append(onnx.helper.make_opsetid("", opset))
        return model
    return version_converter.convert_version(model, opset)


def name_batch(tensor: onnx.ValueInfoProto) -> None:
    shape = tensor.type.tensor_type.shape
    if not tensor.type.HasField("tensor_type") or not shape.dim:
        raise Failed(f"'{tensor.name}' is no tensor with a batch axis")
    shape.dim[0].dim_param = BATCH


def rename_outputs(graph: onnx.GraphProto, names: list[str]) -> None:
    found = [output.name for output in graph.output]
    if not names:
        return
    if len(names) != len(found):
        raise headroom_task.Unsuitable(
            f"the model has {len(found)} outputs ({', '.join(found)}), but {len(names)} names are given by --output"
        )
    # A name may be taken by a tensor inside of the graph, so that each gets an operator of its own.
    for output, name in zip(graph.output, names, strict=True):
        if output.name == name:
            continue
        taken = {tensor for node in graph.node for tensor in node.output}
        if name in taken or name in {tensor.name for tensor in graph.input}:
            raise headroom_task.Unsuitable(f"--output is '{name}', a name that the graph has for another tensor")
        graph.node.append(onnx.helper.make_node("Identity", [output.name], [name]))
        output.name = name


def save(model: onnx.ModelProto, path: str) -> None:
    if model.ByteSize() > MAX_BYTES:
        raise Failed("the model has more than 2 GiB, which one file cannot hold")
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)
