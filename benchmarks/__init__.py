"""Benchmarks of `cnnlab.fast`: results are compared first, then times are taken.

``make bench`` runs all of them, ``python -m benchmarks --help`` lists the options.
"""
