"""Prints what h5py finds in a file: one line per attribute and dataset, in a fixed order."""
import sys
import h5py
import numpy


def text(value):
    if isinstance(value, numpy.ndarray):
        return [text(item) for item in value]
    return value.decode() if isinstance(value, bytes) else str(value)


def show(path, item):
    for name in sorted(item.attrs):
        print(f"{path}@{name}={text(item.attrs[name])}")
    if isinstance(item, h5py.Dataset):
        print(f"{path} {item.shape} {item.dtype} {float(numpy.asarray(item[()], dtype=numpy.float64).sum()):.6g}")
    else:
        for name in sorted(item):
            show(f"{path}/{name}", item[name])


with h5py.File(sys.argv[1], "r") as file:
    show("", file)
