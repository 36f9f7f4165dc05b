"""LightGBM's estimators and boosters, by onnxmltools."""
import warnings
from pathlib import Path

import headroom_task
import numpy as np
from exporters import tables
from exporters.request import Failed, Loaded, Request

TITLE = "LightGBM"
# skl2onnx needs packaging, and does not say so.
PACKAGES = ("onnx", "onnxmltools", "skl2onnx", "packaging")
RECORDED = ("onnx", "onnxmltools", "skl2onnx", "lightgbm")
# The latest that the converter knows; it writes an older one in any case.
CONVERTER_OPSET = 15


def open_file(path: Path) -> Loaded:
    import lightgbm

    return Loaded(lightgbm.Booster(model_file=path))


def width_of(model) -> int:
    return model.num_feature() if hasattr(model, "num_feature") else model.n_features_in_


def convert(loaded: Loaded, request: Request):
    import onnxmltools
    from exporters import graph
    from onnxmltools.convert.common.data_types import FloatTensorType

    specs = tables.input_specs(request.inputs, width_of(loaded.model))
    if len(specs) != 1 or specs[0].datatype != "FP32":
        raise headroom_task.Unsuitable("--input names several inputs or another type than FP32, which LightGBM has no converter for")
    initial = [(specs[0].name, FloatTensorType([None, specs[0].shape[1]]))]
    try:
        made = onnxmltools.convert_lightgbm(
            loaded.model, initial_types=initial, zipmap=False, target_opset=CONVERTER_OPSET
        )
        return graph.at_opset(made, request.opset)
    except Exception as error:
        raise Failed(f"onnxmltools cannot convert it: {' '.join(str(error).split())[:300]}") from error


def register() -> None:
    from lightgbm import LGBMClassifier, LGBMRegressor
    from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm
    from skl2onnx import update_registered_converter
    from skl2onnx.common import shape_calculator as shapes

    zipmap = {"nocl": [True, False], "zipmap": [True, False, "columns"]}
    update_registered_converter(
        LGBMClassifier,
        "LightGbmLGBMClassifier",
        shapes.calculate_linear_classifier_output_shapes,
        convert_lightgbm,
        options=zipmap,
    )
    update_registered_converter(
        LGBMRegressor,
        "LightGbmLGBMRegressor",
        shapes.calculate_linear_regressor_output_shapes,
        convert_lightgbm,
        options={"split": None},
    )


def predict(loaded: Loaded, request: dict[str, np.ndarray]) -> list[np.ndarray]:
    model, rows = loaded.model, tables.table(request, None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if hasattr(model, "predict_proba"):
            return [model.predict(rows), model.predict_proba(rows)]
        answers = model.predict(rows)
    objective = model.params.get("objective", "") if hasattr(model, "params") else ""
    if objective.startswith("binary"):
        return [(answers > 0.5).astype(np.int64), np.stack([1 - answers, answers], 1)]
    if objective.startswith("multiclass"):
        return [answers.argmax(1), answers]
    return [answers]


def facts(loaded: Loaded) -> dict:
    model = loaded.model
    found = tables.facts_of(model)
    names = model.feature_name() if hasattr(model, "feature_name") else model.booster_.feature_name()
    # What LightGBM calls columns that have no name.
    if all(name == f"Column_{i}" for i, name in enumerate(names)):
        found.pop("features", None)
        return found
    return {**found, "features": names}
