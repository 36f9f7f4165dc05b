"""What a script that trains models tells of them: the command that exports each, and what the original answers."""
import json
from pathlib import Path

import numpy as np

# Exports take FP32 where their models took doubles.
TAKEN = {"FP64": "FP32"}
DATATYPES = {
    "float32": "FP32",
    "float64": "FP64",
    "int64": "INT64",
    "int32": "INT32",
    "bool": "BOOL",
}


def tensor(array: object) -> dict:
    array = np.asarray(array)
    return {"datatype": DATATYPES.get(array.dtype.name, "BYTES"), "shape": list(array.shape), "data": array.ravel().tolist()}


def asked(name: str, array: object) -> dict:
    """An input of a request: what was a double to the original is rounded by the service."""
    made = tensor(array)
    return {"name": name, **made, "datatype": TAKEN.get(made["datatype"], made["datatype"])}


class Cases:
    def __init__(self) -> None:
        self.cases: list[dict] = []
        self.interrupts: list[dict] = []

    def add(self, title: str, command: str, model: str, *questions: tuple[dict, list], example: dict | None = None) -> None:
        """
        command: what a user types; the model lands in the folder `model`.
        questions: inputs by name, and the original's outputs in the export's order.
        example: the first row of the inputs where the export takes an example from the user, by name.
        """
        self.cases.append(
            {
                "title": title,
                "command": command,
                "model": model,
                "questions": [
                    {
                        "inputs": [asked(name, array) for name, array in inputs.items()],
                        "outputs": [tensor(answer) for answer in answers],
                    }
                    for inputs, answers in questions
                ],
                "example": None if example is None else {name: tensor(array) for name, array in example.items()},
            }
        )

    def interrupt(self, command: str, when: str, files: list[str] | None = None) -> None:
        """An export to be interrupted once it has written `when`, and its own processes have written `files`."""
        self.interrupts.append({"command": command, "when": when, "files": files or []})

    def write(self) -> None:
        Path("cases.json").write_text(json.dumps({"cases": self.cases, "interrupts": self.interrupts}))
