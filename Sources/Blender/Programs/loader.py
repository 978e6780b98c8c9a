"""Makes the modules of the package `spotrender` from their texts.

Blender gets this program as one argument, followed by a call of `load` with the texts. Each text
may import the texts before it. The last one is the program that runs.
"""

import sys
import types


def load(texts):
    package = types.ModuleType("spotrender")
    package.__path__ = []
    sys.modules["spotrender"] = package
    for name, text in texts:
        module = types.ModuleType(f"spotrender.{name}")
        sys.modules[module.__name__] = module
        setattr(package, name, module)
        exec(compile(text, f"{name}.py", "exec"), module.__dict__)
