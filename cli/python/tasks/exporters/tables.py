"""What models of tables have in common: one input of numbers, or a column for each input."""
import headroom_task
import numpy as np
from exporters.request import InputSpec

FEATURES = "features"


def input_specs(given: list[InputSpec], width: int | None) -> list[InputSpec]:
    """The inputs that were asked for, or one of all features."""
    if not given:
        if width is None:
            raise headroom_task.Unsuitable(
                "the model does not say how many features it takes: name its inputs, such as --input features:FP32[batch,8]"
            )
        return [InputSpec(FEATURES, "FP32", ["batch", width])]
    for spec in given:
        if len(spec.shape) != 2 or not isinstance(spec.shape[1], int):
            raise headroom_task.Unsuitable(f"--input '{spec.name}' has {len(spec.shape)} sizes, expected [batch, columns]")
    columns = sum(spec.shape[1] for spec in given)
    if width is not None and columns != width:
        raise headroom_task.Unsuitable(f"--input gives {columns} columns, but the model takes {width}")
    return given


def table(request: dict[str, np.ndarray], names: list[str] | None) -> object:
    """Several inputs are columns of a data frame, as the model was trained with; one is the array itself."""
    columns = {name: unrounded(array) for name, array in request.items()}
    if len(columns) == 1 and names is None:
        return next(iter(columns.values()))
    import pandas

    if len(columns) == 1:
        array = next(iter(columns.values()))
        if array.shape[1] == len(names):
            return pandas.DataFrame(array, columns=names)
    return pandas.DataFrame({name: array.reshape(-1) for name, array in columns.items()})


def unrounded(array: np.ndarray) -> np.ndarray:
    """Tables are doubles; what was trained on them may take nothing else, such as KMeans."""
    return array.astype(np.float64) if array.dtype == np.float32 else array


def facts_of(model: object) -> dict:
    """Names that the model was trained with; and that its numbers are doubles, whatever its export takes."""
    facts: dict = {"takesDoubles": True}
    names = getattr(model, "feature_names_in_", None)
    if names is not None:
        facts["features"] = [str(name) for name in names]
    classes = getattr(model, "classes_", None)
    if isinstance(classes, np.ndarray) and classes.ndim == 1:
        facts["labels"] = [str(label) for label in classes]
    return facts
