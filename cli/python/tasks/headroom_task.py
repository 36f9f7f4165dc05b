"""How a script of Headroom is asked and answers: one JSON object on stdin, lines of JSON on stdout.

A line is {"progress": text}, {"result": object}, {"unsuitable": text} or {"error": text}; what libraries print goes to
stderr.
"""
import json
import os
import sys
from collections.abc import Callable


class Unsuitable(Exception):
    """The task makes no sense for this model; the message says why in one sentence."""


def run(task: Callable[[dict, Callable[[str], None]], dict]) -> None:
    # Libraries print to stdout as they like: only this copy of it is what the caller reads.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    def say(**line) -> None:
        answers.write(json.dumps(line) + "\n")

    try:
        say(result=task(json.load(sys.stdin), lambda text: say(progress=text)))
    except Unsuitable as error:
        say(unsuitable=str(error))
    except Exception as error:  # The caller tells a person, who did not write this script.
        say(error=f"{type(error).__name__}: {' '.join(str(error).split())}"[:500])
