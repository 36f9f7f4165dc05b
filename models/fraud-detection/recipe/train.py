"""Trains the credit risk scorer and writes its ONNX file and held-out sample.

Run from the repository root, in an environment with models/requirements.txt:
    python models/fraud-detection/recipe/train.py
The data is credit_data of Debian's package r-cran-modeldata. A few seconds.
"""
import hashlib
import json
import lzma
import subprocess
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pandas as pd
import rdata
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

MODEL_DIR = Path(__file__).resolve().parents[1]
SEED = 7
HELD_OUT_SHARE = 0.25
HELD_OUT_SAMPLE = 400
# The order of the categories is the one in model.yaml: the column holds the index.
CATEGORIES = {
    "home": ["owner", "rent", "parents", "priv", "other", "ignore"],
    "marital": ["single", "married", "separated", "divorced", "widow"],
    "records": ["no", "yes"],
    "job": ["fixed", "freelance", "others", "partime"],
}


def load_data(package: str, name: str) -> pd.DataFrame:
    """One data frame out of an R package's lazy-load database."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["apt-get", "download", package], cwd=folder, check=True, capture_output=True)
        archive = next(Path(folder).glob("*.deb"))
        subprocess.run(["dpkg-deb", "-x", archive, folder], check=True)
        database = Path(folder) / "usr/lib/R/site-library/modeldata/data/Rdata"
        index = rdata.read_rds(database.with_suffix(".rdx"))
        offset, size = (int(number) for number in index["variables"][name])
        record = database.with_suffix(".rdb").read_bytes()[offset : offset + size]
    # R writes the unpacked size (4 bytes), "Z" for LZMA, then a raw LZMA2 stream.
    lzma2 = [{"id": lzma.FILTER_LZMA2, "preset": 6}]
    unpacked = lzma.decompress(record[5:], format=lzma.FORMAT_RAW, filters=lzma2)
    frame = rdata.conversion.convert(rdata.parser.parse_data(unpacked))
    return frame.rename(columns=str.lower)


def encode(frame: pd.DataFrame) -> np.ndarray:
    """Feature rows as the model takes them: FP32, a category as its index, NaN for what is missing."""
    columns = frame.copy()
    for name, categories in CATEGORIES.items():
        columns[name] = pd.Categorical(frame[name], categories=categories).codes.astype(np.float32)
        columns[name] = columns[name].where(columns[name] >= 0)
    return columns.astype(np.float32).to_numpy()


def baseline(train_rows: pd.DataFrame, train_labels, test_rows: pd.DataFrame) -> np.ndarray:
    """Logistic regression on one-hot categories and medians in place of missing numbers."""
    numbers = [name for name in train_rows if name not in CATEGORIES]
    medians = train_rows[numbers].median()

    def encode_one_hot(rows: pd.DataFrame) -> np.ndarray:
        one_hot = [pd.get_dummies(pd.Categorical(rows[name], categories=c)) for name, c in CATEGORIES.items()]
        return np.hstack([rows[numbers].fillna(medians.round()).astype(float), *one_hot]).astype(float)

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    return model.fit(encode_one_hot(train_rows), train_labels).predict_proba(encode_one_hot(test_rows))[:, 1]


def export(model: HistGradientBoostingClassifier, width: int) -> onnx.ModelProto:
    proto = to_onnx(
        model,
        initial_types=[("features", FloatTensorType([None, width]))],
        options={"zipmap": False},
        target_opset={"": 17, "ai.onnx.ml": 3},
    )
    proto.graph.name = "credit_risk"  # the converter's own name is random
    for tensor in [*proto.graph.input, *proto.graph.output]:
        tensor.type.tensor_type.shape.dim[0].dim_param = "batch"
    onnx.checker.check_model(proto, full_check=True)
    return proto


def as_instance(row: pd.Series) -> dict:
    """A row as a feature dictionary of a request; what is missing is left out."""
    present = row.dropna()
    instance = {name: value if name in CATEGORIES else int(value) for name, value in present.items()}
    return {**instance, "records": row["records"] == "yes"}


def main() -> None:
    warnings.filterwarnings("ignore", "Unknown file type")  # rdata reads the .rdx file all the same
    frame = load_data("r-cran-modeldata", "credit_data")
    labels = (frame.pop("status") == "bad").to_numpy().astype(int)
    train_rows, test_rows, train_labels, test_labels = train_test_split(
        frame, labels, test_size=HELD_OUT_SHARE, stratify=labels, random_state=SEED
    )
    # The fewest trees whose five-fold cross-validation on the training rows is within 0.001 of the best: each costs time.
    model = HistGradientBoostingClassifier(
        learning_rate=0.2, max_iter=80, max_leaf_nodes=4, max_depth=2, early_stopping=False, random_state=SEED
    )
    model.fit(encode(train_rows), train_labels)

    file = MODEL_DIR / "1" / "model.onnx"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(export(model, frame.shape[1]).SerializeToString(deterministic=True))
    session = ort.InferenceSession(file, providers=["CPUExecutionProvider"])
    features = encode(test_rows)
    label, probabilities = session.run(["label", "probabilities"], {"features": features})
    np.testing.assert_allclose(probabilities, model.predict_proba(features), atol=1e-5)
    np.testing.assert_array_equal(label, model.predict(features))
    scores = probabilities[:, 1]

    chosen = np.sort(np.random.default_rng(SEED).choice(len(test_rows), HELD_OUT_SAMPLE, replace=False))
    held_out = {
        "metric": "auc",
        "value": round(roc_auc_score(test_labels, scores), 4),
        "sample": {"value": round(roc_auc_score(test_labels[chosen], scores[chosen]), 4)},
        "rows": [as_instance(row) for _, row in test_rows.iloc[chosen].iterrows()],
        "labels": test_labels[chosen].tolist(),
    }
    (MODEL_DIR / "heldout.json").write_text(json.dumps(held_out) + "\n")

    simple = roc_auc_score(test_labels, baseline(train_rows, train_labels, test_rows))
    print(f"AUC on {len(test_rows)} held-out rows: {held_out['value']}, sample: {held_out['sample']['value']}")
    print(f"logistic regression: {simple:.4f}")
    accuracy = (label == test_labels).mean()
    print(f"accuracy: {accuracy:.4f}, always the commoner class: {1 - test_labels.mean():.4f}")
    print(f"{file.stat().st_size} bytes, sha256 {hashlib.sha256(file.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
