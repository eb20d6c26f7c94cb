"""Arrays as npy and npz files: equal values give equal bytes, and sizes are checked before memory is used.

An npz is a zip of npy files (version 1.0), deflated, at time 0; ``numpy.load`` reads it too.
"""

import io
import math
import zipfile
from collections.abc import Mapping, Sequence

import numpy as np

from multitake.input_files import check_unpacked_size

_LEVEL = 9
# The type of an array (`U` is text), and its shape: a size is a number, or a name that means the same number
# in all arrays of a file.
ArrayLayout = tuple[str, tuple[int | str, ...]]


def npy_bytes(array: np.ndarray) -> bytes:
    """The npy file of an array."""
    file = io.BytesIO()
    np.lib.format.write_array(file, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False)
    return file.getvalue()


def read_npy(content: bytes, kind: str, shape: tuple[int | str, ...]) -> np.ndarray:
    """The array of an npy file with this type (``U`` is text) and shape; ValueError for any other file."""
    file = io.BytesIO(content)
    version = np.lib.format.read_magic(file)
    if version != (1, 0):
        raise ValueError(f"unknown npy version {version}")
    found, is_fortran, dtype = np.lib.format.read_array_header_1_0(file)
    is_kind = dtype.kind == "U" if kind == "U" else dtype == np.dtype(kind)
    is_shape = len(found) == len(shape) and all(
        isinstance(wanted, str) or size == wanted for size, wanted in zip(found, shape, strict=True)
    )
    if not is_kind or not is_shape or is_fortran:
        expected = f"{kind} of shape {_shape(shape)}"
        raise ValueError(f"expected an array of {expected}, found {dtype} of shape {_shape(found)}")
    size = len(content) - file.tell()
    if math.prod(found) * dtype.itemsize != size:
        raise ValueError(f"expected an array of shape {_shape(found)}, found {size} bytes")
    return np.frombuffer(content, dtype, offset=file.tell()).reshape(found)


def _shape(sizes: Sequence[int | str]) -> str:
    return " x ".join(map(str, sizes))


def npz_bytes(arrays: Mapping[str, np.ndarray]) -> bytes:
    """The npz file of arrays by name."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        for name, array in arrays.items():
            about = zipfile.ZipInfo(f"{name}.npy")
            about.compress_type, about.create_system = zipfile.ZIP_DEFLATED, 0
            archive.writestr(about, npy_bytes(array), compresslevel=_LEVEL)
    return file.getvalue()


def read_npz(
    content: bytes, layouts: Mapping[str, ArrayLayout], sizes: Mapping[str, int]
) -> dict[str, np.ndarray]:
    """The arrays of an npz file, which has those of ``layouts`` in their order and no others.

    ``sizes`` are sizes that are known. ValueError, InputError or an error of the zip for any other file.
    """
    known, arrays = dict(sizes), {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        names = [member.filename.removesuffix(".npy") for member in members]
        if names != list(layouts):
            raise ValueError(f"expected the arrays {', '.join(layouts)}, found {', '.join(names)}")
        check_unpacked_size(sum(member.file_size for member in members), len(content), where="arrays")
        for member, (name, (kind, shape)) in zip(members, layouts.items(), strict=True):
            wanted = tuple(known.get(size, size) if isinstance(size, str) else size for size in shape)
            # With a size, no more is unpacked than the header says.
            with archive.open(member) as file:
                arrays[name] = read_npy(file.read(member.file_size), kind, wanted)
            known |= {
                size: n for size, n in zip(shape, arrays[name].shape, strict=True) if isinstance(size, str)
            }
    return arrays
