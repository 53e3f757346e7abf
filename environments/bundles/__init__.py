"""Script bundles: what they hold, whether they are sound, what they run, how one is built.

Framework-free. The format is described at the top of `script/manifests/index.yaml`.
"""
