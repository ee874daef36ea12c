"""Runs the checker of the onnx package over all files of a folder; prints what it finds wrong, and how many files it read."""
import pathlib
import sys

import onnx

read = 0
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.onnx")):
    model = onnx.load(path)
    if model.opset_import[0].version > onnx.defs.onnx_opset_version():
        continue
    read += 1
    try:
        onnx.checker.check_model(model, full_check=True)
    except Exception as error:  # the checker has several
        print(path.stem, error)
print(read, "files")
