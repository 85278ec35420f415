"""The configuration that the test gives to each program."""

import json
import os

from openai_codex import CodexConfig


def config() -> CodexConfig:
    return CodexConfig(**json.loads(os.environ["PROGRAM_CONFIG"]))
