"""Which engine this is, and which models it offers."""

from codexkit import Codex

with Codex() as codex:
    metadata = codex.metadata
    print("Engine:", metadata.engine_version, "from", metadata.engine_source)
    print("Home:", metadata.codex_home)
    print("Platform:", metadata.platform_os)

    for model in codex.models(include_hidden=True).data:
        efforts = [option.reasoning_effort.value for option in model.supported_reasoning_efforts]
        note = " (default)" if model.is_default else " (hidden)" if model.hidden else ""
        print(f"Model: {model.model}{note}: {', '.join(efforts)}")
