"""Trains models of scikit-learn, LightGBM and XGBoost on real tables, and saves them as their users do."""
import json
import pickle
import sys
from pathlib import Path

import joblib
import lightgbm
import numpy as np
import pandas
import xgboost
from cases import Cases
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

PYTHON = "--python .venv/bin/python"
# 400 real applicants for credit.
CREDIT = Path(sys.argv[1]) / "models/fraud-detection/heldout.json"

cases = Cases()


def binary() -> None:
    data = load_breast_cancer(as_frame=True)
    train, held, labels, _ = train_test_split(data.data, data.target, random_state=0, stratify=data.target)
    rows = held.to_numpy()
    held.to_csv("customers.csv", index=False)

    churn = HistGradientBoostingClassifier(random_state=0).fit(train, labels)
    joblib.dump(churn, "churn.joblib")
    question = ({"features": rows}, [churn.predict(held), churn.predict_proba(held)])
    cases.add(
        "a gradient boosting, on rows of a file", "headroom export churn.joblib --data customers.csv", "churn", question,
        example={"features": rows[:1]},
    )
    cases.add("the same, the next version", f"headroom export churn.joblib {PYTHON}", "churn", question)

    pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(train, labels)
    Path("model.py").write_text(
        "import joblib\n\n\ndef build():\n    return joblib.load('pipeline.joblib')\n"
    )
    joblib.dump(pipeline, "pipeline.joblib")
    cases.add(
        "a function that returns a pipeline", "headroom export model.py:build --name churn", "churn",
        ({"features": rows}, [pipeline.predict(held), pipeline.predict_proba(held)]),
    )

    booster = lightgbm.train(
        {"objective": "binary", "verbose": -1, "seed": 0}, lightgbm.Dataset(train, labels), num_boost_round=50
    )
    booster.save_model("booster.txt")
    positive = booster.predict(rows)
    cases.add(
        "a booster of LightGBM", f"headroom export booster.txt {PYTHON}", "booster",
        ({"features": rows}, [(positive > 0.5).astype(np.int64), np.stack([1 - positive, positive], 1)]),
    )

    trained = xgboost.train({"objective": "binary:logistic", "seed": 0}, xgboost.DMatrix(train, labels), 50)
    trained.save_model("boosted.json")
    positive = trained.predict(xgboost.DMatrix(held))
    cases.add(
        "a booster of XGBoost", f"headroom export boosted.json {PYTHON}", "boosted",
        ({"features": rows}, [(positive > 0.5).astype(np.int64), np.stack([1 - positive, positive], 1)]),
    )


def three_classes() -> None:
    data = load_wine(as_frame=True)
    train, held, labels, _ = train_test_split(data.data, data.target, random_state=0, stratify=data.target)
    rows = held.to_numpy()
    for name, model in {
        "wine-lgbm": lightgbm.LGBMClassifier(n_estimators=30, verbose=-1, random_state=0),
        "wine-xgb": xgboost.XGBClassifier(n_estimators=30, random_state=0),
    }.items():
        model.fit(train, labels)
        joblib.dump(model, f"{name}.joblib")
        cases.add(
            f"three classes by {type(model).__name__}", f"headroom export {name}.joblib {PYTHON}", name,
            ({"features": rows}, [model.predict(held), model.predict_proba(held)]),
        )
    names = data.target_names[labels]
    model = LogisticRegression(max_iter=5000).fit(train, names)
    with open("wine.pkl", "wb") as file:
        pickle.dump(model, file)
    cases.add(
        "labels that are texts, pickled", f"headroom export wine.pkl {PYTHON}", "wine",
        ({"features": rows}, [model.predict(held), model.predict_proba(held)]),
    )


def numbers() -> None:
    data = load_diabetes(as_frame=True)
    train, held, target, _ = train_test_split(data.data, data.target, random_state=0)
    rows = held.to_numpy()
    forest = RandomForestRegressor(n_estimators=50, random_state=0).fit(train.to_numpy(), target)
    joblib.dump(forest, "forest.joblib")
    cases.add("a forest", f"headroom export forest.joblib {PYTHON}", "forest", ({"features": rows}, [forest.predict(rows)[:, None]]))

    booster = xgboost.train({"seed": 0}, xgboost.DMatrix(train.to_numpy(), target), 50)
    booster.save_model("numbers.ubj")
    cases.add(
        "a booster of numbers", f"headroom export numbers.ubj {PYTHON}", "numbers",
        ({"features": rows}, [booster.predict(xgboost.DMatrix(rows))[:, None]]),
    )

    clusters = KMeans(4, random_state=0, n_init=1).fit(train.to_numpy())
    joblib.dump(clusters, "clusters.joblib")
    cases.add(
        "clusters", f"headroom export clusters.joblib --output cluster --output distances {PYTHON}", "clusters",
        ({"features": rows}, [clusters.predict(rows), clusters.transform(rows)]),
    )


def columns_of_text() -> None:
    held = json.loads(CREDIT.read_text())
    columns = ["home", "job", "income", "amount"]
    frame = pandas.DataFrame(held["rows"]).assign(label=held["labels"])[[*columns, "label"]].dropna()
    train, test = train_test_split(frame, random_state=0)
    encode = ColumnTransformer(
        [("text", OneHotEncoder(handle_unknown="ignore"), columns[:2]), ("number", StandardScaler(), columns[2:])]
    )
    model = make_pipeline(encode, LogisticRegression()).fit(train[columns], train["label"])
    joblib.dump(model, "credit.joblib")
    test.to_csv("applicants.csv", index=False)
    inputs = {name: test[[name]].to_numpy(object if name in columns[:2] else np.float64) for name in columns}
    cases.add(
        "a pipeline with columns of texts",
        "headroom export credit.joblib --data applicants.csv "
        "--input 'home:BYTES[batch,1]' --input 'job:BYTES[batch,1]' "
        "--input 'income:FP32[batch,1]' --input 'amount:FP32[batch,1]'",
        "credit",
        (inputs, [model.predict(test[columns]), model.predict_proba(test[columns])]),
        example={name: array[:1] for name, array in inputs.items()},
    )


BUSY = '''
from pathlib import Path

from joblib import Parallel, delayed
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier


def train(seed):
    Path(f"training-{seed}").touch()
    data = load_breast_cancer()
    return RandomForestClassifier(20_000, random_state=seed).fit(data.data, data.target)


def build():
    return Parallel(n_jobs=2)(delayed(train)(seed) for seed in range(2))[0]
'''


def busy() -> None:
    """A function that has processes of its own, and a forest that takes long to convert."""
    Path("busy.py").write_text(BUSY)
    cases.interrupt(f"headroom export busy.py:build {PYTHON}", "loading busy.py", ["training-0", "training-1"])
    data = load_diabetes()
    joblib.dump(RandomForestRegressor(300, random_state=0).fit(data.data, data.target), "large.joblib")
    cases.interrupt(f"headroom export large.joblib {PYTHON}", "converting from scikit-learn")


binary()
three_classes()
numbers()
columns_of_text()
busy()
cases.write()
