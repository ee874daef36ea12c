"""Runs the onnx package's checker on all files in a folder; prints the errors, and the number of files read."""
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
    except Exception as error:  # the checker throws several types
        print(path.stem, error)
print(read, "files")
