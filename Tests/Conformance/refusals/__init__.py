"""How each type of refusal is provoked: a module for each page of Core/Core/Problems/ and for what else refuses.

A new type gets a function under `@provokes("its-type")` in the module of its concern: it brings about what is refused,
and answers the answer. One that shows several types answers them by their names.
"""

import functools
import importlib
import pkgutil

PROVOKED = {}


def provokes(*types):
    def register(provoke):
        # What shows several types is done once for all of them.
        shown = functools.cache(provoke) if len(types) > 1 else provoke
        for name in types:
            assert name not in PROVOKED, name
            PROVOKED[name] = shown
        return provoke
    return register


for module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{module.name}")
