"""Drafts a definition from data: types, formats, key, lists of values, missing values.

One scan of the engine's own (:mod:`~potable.engine.describe.profile`, a fold) sees every value; what it drafts holds
for all of them, so the draft passes on the data that it was made from.
"""
