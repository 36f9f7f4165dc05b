"""Estimators and pipelines of scikit-learn, by skl2onnx."""
import importlib.util
import warnings

import headroom_task
import numpy as np
from exporters import loading, tables
from exporters.request import Failed, Loaded, Request

TITLE = "scikit-learn"
# skl2onnx needs packaging, and does not say so.
PACKAGES = ("onnx", "skl2onnx", "packaging")
RECORDED = ("onnx", "skl2onnx", "scikit-learn")
ML_OPSET = 3


def convert(loaded: Loaded, request: Request):
    from skl2onnx import to_onnx
    from skl2onnx.common import data_types

    types = {
        "FP32": data_types.FloatTensorType,
        "FP64": data_types.DoubleTensorType,
        "INT64": data_types.Int64TensorType,
        "INT32": data_types.Int32TensorType,
        "BOOL": data_types.BooleanTensorType,
        "BYTES": data_types.StringTensorType,
    }
    model = loaded.model
    specs = tables.input_specs(request.inputs, getattr(model, "n_features_in_", None))
    unknown = next((spec for spec in specs if spec.datatype not in types), None)
    if unknown is not None:
        raise headroom_task.Unsuitable(f"--input '{unknown.name}' is {unknown.datatype}, expected one of {', '.join(types)}")
    register_boosters()
    initial = [(spec.name, types[spec.datatype]([None, spec.shape[1]])) for spec in specs]
    # A list of dictionaries is no tensor.
    options = {id(model): {"zipmap": False}} if hasattr(model, "classes_") else None
    try:
        return to_onnx(
            model,
            initial_types=initial,
            options=options,
            target_opset={"": request.opset, "ai.onnx.ml": ML_OPSET},
        )
    except Exception as error:
        raise Failed(f"skl2onnx cannot convert it: {' '.join(str(error).split())[:300]}") from error


def register_boosters() -> None:
    """Boosters may be a step of a pipeline."""
    for package in ("lightgbm", "xgboost"):
        booster = loading.exporter(f"{package}_model")
        if importlib.util.find_spec(package) is not None and all(map(loading.is_installed, booster.PACKAGES)):
            booster.register()


def predict(loaded: Loaded, request: dict[str, np.ndarray]) -> list[np.ndarray]:
    model = loaded.model
    rows = tables.table(request, None if len(request) == 1 else list(request))
    with warnings.catch_warnings():
        # Rows without names of columns are what the export gets, too.
        warnings.simplefilter("ignore")
        return answers(model, rows)


def answers(model, rows) -> list[np.ndarray]:
    """In the order in which skl2onnx makes outputs."""
    if hasattr(model, "predict_proba"):
        return [model.predict(rows), model.predict_proba(rows)]
    if hasattr(model, "classes_") and hasattr(model, "decision_function"):
        return [model.predict(rows), model.decision_function(rows)]
    if hasattr(model, "predict") and hasattr(model, "transform"):  # clusters: the nearest, and distances
        return [model.predict(rows), model.transform(rows)]
    if hasattr(model, "predict") and hasattr(model, "decision_function"):  # outliers
        return [model.predict(rows), model.decision_function(rows)]
    if hasattr(model, "predict"):
        return [model.predict(rows)]
    transformed = model.transform(rows)
    return [transformed.toarray() if hasattr(transformed, "toarray") else transformed]


def facts(loaded: Loaded) -> dict:
    return tables.facts_of(loaded.model)
