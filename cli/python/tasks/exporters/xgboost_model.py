"""XGBoost's estimators and boosters, by onnxmltools."""
import copy
from pathlib import Path

import headroom_task
import numpy as np
from exporters import loading, tables
from exporters.request import Failed, Loaded, Request

TITLE = "XGBoost"
# skl2onnx needs packaging, and does not say so.
PACKAGES = ("onnx", "onnxmltools", "skl2onnx", "packaging")
# XGBoost has a package for processors alone.
RECORDED = ("onnx", "onnxmltools", "skl2onnx", *filter(loading.is_installed, ("xgboost", "xgboost-cpu")))
# The latest that the converter knows; it writes an older one in any case.
CONVERTER_OPSET = 15


def open_file(path: Path) -> Loaded:
    import xgboost

    return Loaded(xgboost.Booster(model_file=path))


def width_of(model) -> int:
    return model.num_features() if hasattr(model, "num_features") else model.n_features_in_


def convert(loaded: Loaded, request: Request):
    import onnxmltools
    from exporters import graph
    from onnxmltools.convert.common.data_types import FloatTensorType

    specs = tables.input_specs(request.inputs, width_of(loaded.model))
    if len(specs) != 1 or specs[0].datatype != "FP32":
        raise headroom_task.Unsuitable("--input names several inputs or another type than FP32, which XGBoost has no converter for")
    initial = [(specs[0].name, FloatTensorType([None, specs[0].shape[1]]))]
    try:
        made = onnxmltools.convert_xgboost(without_names(loaded.model), initial_types=initial, target_opset=CONVERTER_OPSET)
        return graph.at_opset(made, request.opset)
    except Exception as error:
        raise Failed(f"onnxmltools cannot convert it: {' '.join(str(error).split())[:300]}") from error


def without_names(model):
    """The converter knows columns only as f0, f1, …"""
    copied = copy.deepcopy(model)
    booster = copied.get_booster() if hasattr(copied, "get_booster") else copied
    booster.feature_names = None
    return copied


def register() -> None:
    from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost
    from skl2onnx import update_registered_converter
    from skl2onnx.common import shape_calculator as shapes
    from xgboost import XGBClassifier, XGBRegressor

    update_registered_converter(
        XGBClassifier,
        "XGBoostXGBClassifier",
        shapes.calculate_linear_classifier_output_shapes,
        convert_xgboost,
        options={"nocl": [True, False], "zipmap": [True, False, "columns"]},
    )
    update_registered_converter(
        XGBRegressor, "XGBoostXGBRegressor", shapes.calculate_linear_regressor_output_shapes, convert_xgboost
    )


def predict(loaded: Loaded, request: dict[str, np.ndarray]) -> list[np.ndarray]:
    model, rows = loaded.model, tables.table(request, None)
    if hasattr(model, "predict_proba"):
        return [model.predict(rows), model.predict_proba(rows)]
    if not hasattr(model, "num_features"):
        return [model.predict(rows)]
    import xgboost

    answers = model.predict(xgboost.DMatrix(rows, feature_names=model.feature_names))
    objective = objective_of(model)
    if objective.startswith("binary"):
        return [(answers > 0.5).astype(np.int64), np.stack([1 - answers, answers], 1)]
    if objective.startswith("multi") and answers.ndim == 2:
        return [answers.argmax(1), answers]
    return [answers]


def objective_of(booster) -> str:
    import json

    return json.loads(booster.save_config())["learner"]["objective"]["name"]


def facts(loaded: Loaded) -> dict:
    model = loaded.model
    booster = model.get_booster() if hasattr(model, "get_booster") else model
    found = tables.facts_of(model)
    if booster.feature_names:
        found["features"] = booster.feature_names
    if booster.feature_types:
        found["integers"] = [kind == "int" for kind in booster.feature_types]
    return found
