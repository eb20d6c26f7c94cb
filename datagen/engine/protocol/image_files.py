"""Images and arrays as the files that UnrealCV sends: BMP, PNG, NPY and NPZ."""

import io
import struct
import zipfile

import numpy as np
from jaxtyping import Shaped, UInt8
from PIL import Image

from .dispatch import Encode
from .reply_blocks import ReplyBlocks

_BLOCKS = ReplyBlocks()


def bmp(image: UInt8[np.ndarray, "height width 4"]) -> memoryview:
    """Encode a BGRA image as an uncompressed 32-bit BMP: 54 bytes of header, then rows from the top."""
    height, width = image.shape[:2]
    size = width * height * 4
    file_header = struct.pack("<2sIHHI", b"BM", 54 + size, 0, 0, 54)
    info_header = struct.pack("<IiiHHIIiiII", 40, width, -height, 1, 32, 0, size, 0, 0, 0, 0)
    return _file(file_header + info_header, image)


def png(image: UInt8[np.ndarray, "height width 4"]) -> bytes:
    """Encode a BGRA image as an RGBA PNG."""
    stream = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(image[..., [2, 1, 0, 3]])).save(stream, "PNG", compress_level=1)
    return stream.getvalue()


def npy(array: Shaped[np.ndarray, "..."]) -> memoryview:
    """Encode an array as a version 1 NPY file."""
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, np.lib.format.header_data_from_array_1_0(array))
    return _file(stream.getvalue(), array)


def npz(arrays: dict[str, Shaped[np.ndarray, "..."]]) -> bytes:
    """Encode arrays as an uncompressed NPZ file, without a date."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, array in arrays.items():
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), npy(array))
    return stream.getvalue()


IMAGES: dict[str, Encode] = {"bmp": bmp, "png": png}
ARRAYS: dict[str, Encode] = {"npy": npy}


def _file(header: bytes, array: Shaped[np.ndarray, "..."]) -> memoryview:
    """Return the header and the array's bytes; one copy, also of an image whose rows are reversed."""
    block = _BLOCKS.take(len(header) + array.nbytes)
    block[: len(header)] = np.frombuffer(header, dtype=np.uint8)
    block[len(header) :].view(array.dtype).reshape(array.shape)[...] = array
    return block.data
