"""Trains models of Keras and TensorFlow on real images and tables, and saves them as their users do."""
import json
import os
from pathlib import Path

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"

import keras
import numpy as np
import tensorflow as tf
from cases import Cases
from keras import layers
from sklearn.datasets import load_breast_cancer, load_digits

PYTHON = "--python .venv/bin/python"

keras.utils.set_random_seed(0)
cases = Cases()


def fit(model: keras.Model, inputs, labels) -> keras.Model:
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy())
    model.fit(inputs, labels, epochs=2, verbose=0)
    return model


def images() -> None:
    """Real handwriting, 8x8 pixels."""
    found = load_digits()
    pixels = (found.images / 16).astype(np.float32)[..., None]
    train, held = pixels[:-50], pixels[-50:]
    net = keras.Sequential(
        [
            keras.Input((8, 8, 1), name="image"),
            layers.Conv2D(8, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.2),
            layers.Dense(10, activation="softmax", name="digit"),
        ]
    )
    fit(net, train, found.target[:-50])
    answers = [net.predict(held, verbose=0)]
    net.save("net.keras")
    with open("images.jsonl", "w") as file:
        for image in held[:5]:
            file.write(json.dumps({"image": image.tolist()}) + "\n")
    cases.add(
        "a conv net of Keras, on images of a file", f"headroom export net.keras --data images.jsonl {PYTHON}", "net",
        ({"image": held}, answers), example={"image": held[:1]},
    )
    cases.add("the same, the next version", "headroom export net.keras", "net", ({"image": held}, answers))
    net.save("handwriting.h5")
    cases.add("the same in an .h5 file", f"headroom export handwriting.h5 {PYTHON}", "handwriting", ({"image": held}, answers))
    net.export("served", verbose=False)
    cases.add("the same as a SavedModel", f"headroom export served {PYTHON}", "served", ({"image": held}, answers))


SCALED = '''
import numpy as np
import tensorflow as tf


class Scaled(tf.Module):
    def __init__(self):
        weights = np.load("scaled.npz")
        self.mean, self.scale = tf.Variable(weights["mean"]), tf.Variable(weights["scale"])
        self.weights, self.bias = tf.Variable(weights["weights"]), tf.Variable(weights["bias"])

    @tf.function(input_signature=[tf.TensorSpec([None, 30], tf.float32)])
    def __call__(self, features):
        logits = tf.linalg.matmul((features - self.mean) / self.scale, self.weights) + self.bias
        return tf.concat([1 - tf.sigmoid(logits), tf.sigmoid(logits)], 1)


def build():
    return Scaled()
'''


def modules() -> None:
    data = load_breast_cancer()
    rows, target = data.data.astype(np.float32), data.target[:, None].astype(np.float32)
    mean, scale = rows[:400].mean(0), rows[:400].std(0)
    weights, bias = np.zeros((30, 1), np.float32), np.zeros(1, np.float32)
    scaled = (rows[:400] - mean) / scale
    for _ in range(200):  # logistic regression by gradient descent
        error = 1 / (1 + np.exp(-(scaled @ weights + bias))) - target[:400]
        weights -= (scaled.T @ error / 400).astype(np.float32)
        bias -= error.mean(0).astype(np.float32)
    np.savez("scaled.npz", mean=mean, scale=scale, weights=weights, bias=bias)
    Path("scaled.py").write_text(SCALED)
    from scaled import build

    module, held = build(), rows[400:]
    question = ({"features": held}, [module(tf.constant(held)).numpy()])
    cases.add(
        "a tf.Module", f"headroom export scaled.py:build --input 'features:FP32[batch,30]' --output scores {PYTHON}", "scaled",
        question,
    )
    tf.saved_model.save(module, "regression", signatures={"serving_default": module.__call__})
    np.savetxt("rows.csv", held, delimiter=",", header=",".join(name.replace(" ", "_") for name in data.feature_names), comments="")
    cases.add(
        "the same as a SavedModel, on rows of a file", f"headroom export regression --data rows.csv {PYTHON}", "regression",
        question, example={"features": held[:1]},
    )

    worst, mean_ = keras.Input((10,), name="worst"), keras.Input((10,), name="mean")
    joined = layers.Dense(16, activation="relu")(layers.Concatenate()([layers.BatchNormalization()(part) for part in (worst, mean_)]))
    two = keras.Model([worst, mean_], [layers.Dense(2, activation="softmax", name="diagnosis")(joined), layers.Dense(1, name="size")(joined)])
    two.compile("adam", ["sparse_categorical_crossentropy", "mse"])
    parts = [rows[:, 20:], rows[:, :10]]
    two.fit([part[:400] for part in parts], [data.target[:400], rows[:400, 3] / 1000], epochs=2, verbose=0)
    two.save("two.keras")
    asked = [part[400:] for part in parts]
    cases.add(
        "two inputs and two outputs", f"headroom export two.keras {PYTHON}", "two",
        (dict(zip(["worst", "mean"], asked)), two.predict(asked, verbose=0)),
    )


WRITTEN = '''
import keras
from keras import layers


class Written(keras.Model):
    def __init__(self):
        super().__init__()
        self.lstm = layers.LSTM(8)
        self.next = layers.Dense(1)

    def call(self, series, training=False):
        return self.next(self.lstm(series))


def build():
    keras.utils.set_random_seed(7)
    return Written()
'''


def written() -> None:
    Path("written.py").write_text(WRITTEN)
    from written import build

    series = (load_breast_cancer().data[400:, :, None] / 1000).astype(np.float32)
    model = build()
    answers = model.predict(series, verbose=0)
    cases.add(
        "an LSTM written as a class", f"headroom export written.py:build --input 'series:FP32[batch,steps,1]' {PYTHON}", "written",
        ({"series": series}, [answers]), ({"series": series[:, :7]}, [model.predict(series[:, :7], verbose=0)]),
    )


images()
modules()
written()
cases.interrupt("headroom export net.keras", "converting from TensorFlow")
cases.interrupt("headroom export net.keras", "asking the original")
cases.write()
