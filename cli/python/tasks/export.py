"""Export of a trained model to ONNX, and what the original answers, to hold the export against.

Task: {"method": "convert", "source": path or "script.py:function", "opset": number, "output": path,
       "folder": path, "inputs": [{"name", "datatype", "shape"}], "outputs": [name]}
  or: {"method": "answer", "source", "inputs", "model": path of the export, "folder": path, "given": [request],
       "batches": [rows], "seed": number}
A request is {input: {"file", "datatype", "shape"}}; datatypes are those of the Open Inference Protocol.
"""
import platform
from collections.abc import Callable
from importlib import metadata

import headroom_task
from exporters import loading
from exporters.request import Failed, InputSpec, Request


def convert(task: dict, progress: Callable[[str], None]) -> dict:
    request = Request([InputSpec(**spec) for spec in task["inputs"]], task["outputs"], task["opset"])
    progress(f"loading {task['source']}")
    loaded = loading.load(task["source"])
    exporter = loading.exporter_of(loaded.model)
    missing = [package for package in exporter.PACKAGES if not loading.is_installed(package)]
    if missing:
        raise headroom_task.Unsuitable(loading.to_install(missing, f"{exporter.TITLE} models are exported by"))
    # Only now: they need packages that may have been missing.
    import tensors
    from exporters import graph

    progress(f"converting from {exporter.TITLE}")
    try:
        converted = exporter.convert(loaded, request)
        graph.finish(converted, task["outputs"])
        graph.save(converted, task["output"])
    except Failed as error:
        return {"failure": str(error)}
    if loaded.example is not None and loaded.rows is None:
        raise headroom_task.Unsuitable(f"{exporter.TITLE} models take rows by --data, not an example beside the model")
    return {
        "framework": exporter.TITLE,
        "kind": type(loaded.model).__name__,
        "tools": {
            "python": platform.python_version(),
            **{package: metadata.version(package) for package in exporter.RECORDED},
        },
        "example": tensors.write_all(loaded.rows or {}, task["folder"], "example"),
        **exporter.facts(loaded),
    }


def answer(task: dict, progress: Callable[[str], None]) -> dict:
    import onnx
    import tensors
    from exporters import samples

    loaded = loading.load(task["source"])
    exporter = loading.exporter_of(loaded.model)
    model = onnx.load(task["model"])
    given = [tensors.read_all(request) for request in task["given"]]
    sampler = samples.Sampler(model, task["seed"])
    requests = given + [sampler.draw(rows) for rows in task["batches"]]
    progress(f"asking the original for {sum(samples.rows_of(request) for request in requests)} rows")
    stored = []
    for index, request in enumerate(requests):
        names = [output.name for output in model.graph.output]
        predicted = exporter.predict(loaded, request)
        if len(predicted) != len(names):
            raise headroom_task.Unsuitable(
                f"the original gives {len(predicted)} answers, but its export has the outputs {', '.join(names)}"
            )
        answers = dict(zip(names, predicted, strict=True))
        request = samples.as_taken(model, request)
        stored.append(
            {
                "inputs": tensors.write_all(request, task["folder"], f"{index}-in"),
                "outputs": tensors.write_all(answers, task["folder"], f"{index}-out"),
            }
        )
    return {"requests": stored}


def run(task: dict, progress: Callable[[str], None]) -> dict:
    try:
        return {"convert": convert, "answer": answer}[task["method"]](task, progress)
    except ModuleNotFoundError as error:
        raise loading.absent(error, task["source"]) from error


headroom_task.run(run)
